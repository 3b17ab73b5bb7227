import { tell } from './failure.ts'
import type { Page } from './ports.ts'
import type { World } from './world.ts'

/** A page that PagerDuty has not taken for so long (ms) is somebody's to make by telephone. */
const callAfter = 60_000

/** Paging without the ledger: once a key, and again and again until PagerDuty has taken it. */
export interface EmergencyPages {
  /** Where the incident can be seen; null when PagerDuty does not answer: `sendAgain` goes on trying. */
  send(page: Page): Promise<string | null>
  /** Tries what has not been taken yet. */
  sendAgain(): Promise<void>
  /** The incident that was opened under a key, however late. */
  linkOf(key: string): string | undefined
  /** It was tried under this key, and PagerDuty is not known to have taken it. */
  isUnsent(key: string): boolean
  /** The ledger is back: its own pager sends what was not sent, but for the keys that no ledger holds. */
  handOver(isUnheld: (key: string) => boolean): void
  /** Ends an incident that no ledger knows; false when PagerDuty does not answer, or a try to open it may still arrive. */
  resolve(key: string): Promise<boolean>
}

export function createEmergencyPages({
  paging,
  clock,
  config,
  log,
}: Pick<World, 'paging' | 'clock' | 'config' | 'log'>): EmergencyPages {
  /** Links of the incidents that were opened, by key. */
  const opened = new Map<string, string>()
  /** What was not taken, and since when (ms). */
  const unsent = new Map<string, { readonly page: Page; readonly since: number; readonly told: boolean }>()
  /** When it was last tried to open an incident, by key (ms). */
  const tried = new Map<string, number>()

  async function send(page: Page): Promise<string | null> {
    const { key } = page
    const before = opened.get(key)
    if (before !== undefined) return before
    tried.set(key, clock.now())
    try {
      const { link } = await paging.trigger(page)
      opened.set(key, link)
      unsent.delete(key)
      return link
    } catch (error) {
      const { since, told } = unsent.get(key) ?? { since: clock.now(), told: false }
      const long = clock.now() - since >= callAfter
      unsent.set(key, { page, since, told: told || long })
      const { what, todo } = tell(error)
      if (long && !told) log.error({ err: error, key }, `${what} ${todo}`)
      else log.warn({ err: error, key }, 'a page could not be sent; it is tried again at the next look')
      return null
    } finally {
      tried.set(key, clock.now())
    }
  }

  return {
    send,
    async sendAgain() {
      await Promise.all([...unsent.values()].map(({ page }) => send(page)))
    },
    linkOf: (key) => opened.get(key),
    isUnsent: (key) => tried.has(key) && !opened.has(key),
    handOver(isUnheld) {
      for (const key of unsent.keys()) if (!isUnheld(key)) unsent.delete(key)
    },
    async resolve(key) {
      // A trigger that was given up on may still arrive: after the resolve it would open an incident that nobody ends.
      if (clock.now() < (tried.get(key) ?? 0) + 2 * config.pagerduty.timeout) return false
      try {
        await paging.resolve(key)
        opened.delete(key)
        tried.delete(key)
        return true
      } catch (error) {
        log.warn({ err: error, key }, 'an incident could not be resolved; it is tried again at the next look')
        return false
      }
    },
  }
}
