import { SlipwayError } from '../errors.ts'
import type { Clock, OnCall, Person } from '../jobs/ports.ts'
import { remember } from './remembered.ts'

/** Slack user ids of those who are on call. Every method throws `people-unknown` or `people-refused`. */
export interface OnCallIds {
  /** By a schedule of PagerDuty. */
  onSchedule(schedule: string): Promise<readonly string[]>
  /** For the service that pages. */
  forService(): Promise<readonly string[]>
}

/**
 * PagerDuty's people as those of Slack, each answer remembered for `lasts` ms. `idOf` finds somebody by e-mail, the one thing that both
 * know of a person; null for whom Slack does not know. Nobody is on call where PagerDuty can't be asked.
 */
export function createOnCallIds(
  onCall: OnCall | null,
  idOf: (email: string) => Promise<string | null>,
  clock: Clock,
  lasts: number,
): OnCallIds {
  async function idsOf(ask: () => Promise<readonly Person[] | undefined>): Promise<readonly string[]> {
    const people = (await fromPagerDuty(ask)) ?? []
    const ids = await Promise.all(people.map(({ email }) => (email === null ? null : idOf(email))))
    return ids.filter((id) => id !== null)
  }

  const schedules = remember(clock, lasts, (schedule) => idsOf(async () => onCall?.onSchedule(schedule)))
  const paged = remember(clock, lasts, () => idsOf(async () => onCall?.forService?.()))
  return { onSchedule: (schedule) => schedules.get(schedule), forService: () => paged.get('') }
}

/** A question to PagerDuty; what goes wrong says that it was about people. */
async function fromPagerDuty<T>(ask: () => Promise<T>): Promise<T> {
  const [method, of] = ['oncalls', 'PagerDuty'] as const
  try {
    return await ask()
  } catch (cause) {
    if (!(cause instanceof SlipwayError)) throw cause
    const { detail } = cause
    if (cause.code === 'paging-refused' && 'status' in detail)
      throw new SlipwayError('people-refused', { method, error: `status ${detail.status}`, of }, { cause })
    const after = 'after' in detail && typeof detail.after === 'number' ? { after: detail.after } : {}
    throw new SlipwayError('people-unknown', { method, of, ...after }, { cause })
  }
}
