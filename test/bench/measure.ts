/** A piece of work and the least that the same work can cost, measured side by side. */
export interface Case {
  readonly name: string
  /** What the floor is, in words. */
  readonly floorName: string
  readonly work: () => unknown
  readonly floor: () => unknown
}

/** How long one call takes, in µs: the middle of the rounds. */
export interface Figures {
  readonly name: string
  readonly floorName: string
  readonly took: number
  readonly floor: number
}

const rounds = 15
/** How long a round of one of the two goes on at least, in ms. */
const roundFor = 40

/** Measures both in turns, so that whatever else the machine does meets both. */
export async function measure({ name, floorName, work, floor }: Case): Promise<Figures> {
  const [times, floors]: [number[], number[]] = [[], []]
  // The first ones are for the compiler.
  await Promise.all([timeOf(work), timeOf(floor)])
  for (let round = 0; round < rounds; round++) {
    times.push(await timeOf(work))
    floors.push(await timeOf(floor))
  }
  return { name, floorName, took: middle(times), floor: middle(floors) }
}

async function timeOf(work: () => unknown): Promise<number> {
  const began = performance.now()
  let calls = 0
  do {
    await work()
    calls += 1
  } while (performance.now() - began < roundFor)
  return ((performance.now() - began) / calls) * 1_000
}

function middle(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
}
