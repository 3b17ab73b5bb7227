import { limits } from './limits.ts'

/** Knows when each trigger was handed out, as it sees them go by, and which were used. */
export interface Triggers {
  /** Looks for triggers in what goes to the app over one connection; pieces may end anywhere. */
  watch(): (bytes: Buffer) => void
  /** Why Slack would refuse a view for this trigger (docs.slack.dev/reference/methods/views.open); null when it would not. */
  refuse(id: string | undefined): 'invalid_arguments' | 'expired_trigger_id' | 'exchanged_trigger_id' | null
  /** A view was opened for it: it serves once. */
  used(id: string): void
}

const pattern = /"trigger_id":"([^"]+)"/g
/** Longer than a trigger and its name: what a piece may end in the middle of. */
const tail = 200

/** `now` is in ms. A trigger that was never seen is left to the workspace, which knows its own. */
export function createTriggers(now: () => number): Triggers {
  const seen = new Map<string, number>()
  const exchanged = new Set<string>()
  return {
    watch() {
      let rest = ''
      return (bytes) => {
        const text = rest + bytes.toString('latin1')
        for (const [, id = ''] of text.matchAll(pattern)) if (!seen.has(id)) seen.set(id, now())
        rest = text.slice(-tail)
      }
    },
    refuse(id) {
      if (id === undefined) return 'invalid_arguments'
      if (exchanged.has(id)) return 'exchanged_trigger_id'
      return now() - (seen.get(id) ?? now()) > limits.trigger ? 'expired_trigger_id' : null
    },
    used: (id) => void exchanged.add(id),
  }
}
