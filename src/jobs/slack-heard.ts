import type { World } from './world.ts'

/** Every process looks whether it reaches Slack this often (ms). */
export const reachEvery = 5_000
/** Three missed looks of all processes count as silence. */
const unreachableAfter = 3 * reachEvery

/** Since when no process has reached Slack (ms since 1970), or null. `never` stands in where none ever has: null, as nobody can tell. */
export async function unreachableSince(
  { beside, clock }: Pick<World, 'beside' | 'clock'>,
  never: number | null,
): Promise<number | null> {
  const heard = (await beside.heard()) ?? never
  return heard !== null && clock.now() - heard > unreachableAfter ? heard : null
}
