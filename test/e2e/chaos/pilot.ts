import type { Event } from '../../../src/rollout/events.ts'
import { isOver, type State } from '../../../src/rollout/state.ts'
import { wordsOf } from '../../../src/sandbox/slack-driver.ts'
import { until } from '../../../src/sandbox/until.ts'
import type { World } from '../../../src/sandbox/world.ts'
import { messageId } from '../../../src/slack/reference.ts'
import { messageOf } from './messages.ts'

/** How long somebody waits for an effect before asking again, in ms. */
const patience = 1_500

/** The release team: looks where the rollout stands and does what is asked of it, again where that had no effect. */
export interface Pilot {
  /** Looks once; what there is to do goes on beside. */
  look(state: State | null, events: readonly Event[], rollback: boolean): void
  /** What was done so far, and when. */
  readonly done: readonly { readonly at: number; readonly what: string }[]
  /** Returns once nothing is under way. */
  rest(): Promise<void>
}

export function createPilot(world: World, version: string): Pilot {
  const { slack, users } = world
  const user = (role: string) => users[role] ?? ''
  const done: { at: number; what: string }[] = []
  const last = new Map<string, number>()
  let busy: Promise<void> | null = null

  /** What is to be done now, by a name under which it is not repeated too soon. */
  function wish(
    state: State | null,
    events: readonly Event[],
    rollback: boolean,
  ): readonly [name: string, work: () => Promise<void>] | null {
    if (state === null) return ['start', start]
    if (isOver(state) || state.rollback !== undefined) return null
    if (rollback) return ['rollback', () => slack.command(user('sre'), '/deploy rollback -f enough')]
    const { request } = state
    if (request !== undefined) return [`sign ${request.phase}`, () => sign(state, events)]
    if (state.stage === 'soaked') return ['advance', () => slack.command(user('commander'), '/deploy advance')]
    return null
  }

  async function start(): Promise<void> {
    const before = new Set((await slack.messages()).map((m) => m.ts))
    await slack.command(user('commander'), `/deploy readiness ${version}`)
    const report = new RegExp(`${version}: (ready|NOT READY)`)
    await until(async () => {
      const found = (await slack.messages()).find((m) => !before.has(m.ts) && report.test(m.text))
      return found === undefined ? undefined : wordsOf(found)
    }, 3_000)
    await slack.command(user('commander'), `/deploy advance ${version}`)
  }

  async function sign({ request, spec }: State, events: readonly Event[]): Promise<void> {
    const asked = events.find((event) => event.version === request?.id)
    if (asked === undefined || request === undefined) return
    const plan = await until(async () => messageOf(await slack.messages(), messageId(asked)), 5_000, 100)
    if (plan === undefined) return
    const signed = new Set(request.signOffs.map(({ role }) => role))
    const roles = spec.phases.find(({ number }) => number === request.phase)?.roles ?? []
    for (const role of roles) if (!signed.has(role)) await slack.click(user(role), plan, 'approve')
  }

  return {
    done,
    look(state, events, rollback) {
      if (busy !== null) return
      const [name, work] = wish(state, events, rollback) ?? []
      if (name === undefined || work === undefined) return
      if (Date.now() - (last.get(name) ?? 0) < patience) return
      done.push({ at: Date.now(), what: name })
      busy = work()
        // Buttons that are gone, a workspace that is too busy: a person looks again.
        .catch((error: unknown) => void done.push({ at: Date.now(), what: `${name} did not work: ${error}` }))
        .finally(() => {
          last.set(name, Date.now())
          busy = null
        })
    },
    async rest() {
      await busy
    },
  }
}
