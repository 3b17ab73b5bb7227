import type { Wish } from '../../../src/slack/ask.ts'
import type { Outside } from '../outside.ts'
import type { Slipway } from '../slipway.ts'

/** Slack's way to bring a click to one of the processes: again, to another one, when it was not acknowledged. */
export interface Delivery {
  deliver(wish: Wish): void
  /** Wishes that a process has taken and acknowledged. */
  readonly acknowledged: ReadonlyMap<string, Wish>
  /** How many processes were brought this wish, or one how often. */
  timesTaken(id: string): number
  /** Forgets what was acknowledged: Redis has lost it. */
  forget(): void
}

/** How often a delivery is tried, and the pause between, in ms. */
const tries = 4
const pause = 3_000

export function createDelivery(outside: Outside, running: () => readonly Slipway[]): Delivery {
  const { timeline, random, scenario, trace } = outside
  const acknowledged = new Map<string, Wish>()
  const taken = new Map<string, number>()

  function attempt(wish: Wish, tried: number): void {
    if (tried === tries) {
      trace(() => `the click ${wish.id} reaches nobody`)
      return
    }
    const open = running().filter(({ process }) => process.isAwake() && process.reaches('slack'))
    const way = open.length === 0 ? null : random.pick(open)
    if (way === null) {
      timeline.after(pause, () => attempt(wish, tried + 1))
      return
    }
    const { process, desk } = way
    let answered = false
    taken.set(wish.id, (taken.get(wish.id) ?? 0) + 1)
    trace(() => `${wish.user.id} asks ${process.name}: ${JSON.stringify(wish.ask)} (${wish.id})`)
    desk.take({ ...wish, at: process.clock.now() }).then(
      () => {
        answered = true
        acknowledged.set(wish.id, wish)
      },
      () => trace(() => `${process.name} did not take ${wish.id}`),
    )
    timeline.after(pause, () => {
      if (!answered) attempt(wish, tried + 1)
    })
  }

  return {
    acknowledged,
    timesTaken: (id) => taken.get(id) ?? 0,
    forget: () => acknowledged.clear(),
    deliver(wish) {
      attempt(wish, 0)
      // Several connections may each bring the same click.
      if (scenario.processes > 1 && random.chance(0.15))
        timeline.after(random.int(0, 400), () => attempt(wish, tries - 1))
    },
  }
}
