/** Virtual time: what is to happen, in order. Things due at the same moment happen in the order in which they were planned. */
export interface Timeline {
  /** ms since 1970. */
  readonly now: number
  /** How many things have happened. */
  readonly steps: number
  /** Plans something `delay` ms from now. */
  after(delay: number, happen: () => void): Planned
  /**
   * Lets things happen, each followed by everything that it sets going at once, until `isOver` says so (asked after every
   * one) or nothing is planned any more.
   */
  run(isOver: () => boolean): Promise<void>
}

/** Something that is to happen, unless it is called off before. */
export interface Planned {
  readonly at: number
  readonly order: number
  readonly happen: () => void
  off: boolean
}

export function createTimeline(began: number): Timeline {
  const heap: Planned[] = []
  let now = began
  let steps = 0
  let planned = 0

  function pop(): Planned | undefined {
    for (;;) {
      const first = heap[0]
      const last = heap.pop()
      if (first !== undefined && last !== undefined && first !== last) sink(heap, last)
      if (first === undefined || !first.off) return first
    }
  }

  return {
    get now() {
      return now
    },
    get steps() {
      return steps
    },
    after(delay, happen) {
      planned += 1
      const added = { at: now + Math.max(0, delay), order: planned, happen, off: false }
      rise(heap, added)
      return added
    },
    run: (isOver) =>
      new Promise((resolve, reject) => {
        let over = false
        const step = () => {
          if (over) return
          try {
            const next = isOver() ? undefined : pop()
            if (next === undefined) {
              over = true
              resolve()
              return
            }
            now = next.at
            steps += 1
            next.happen()
          } catch (error) {
            over = true
            reject(error)
          }
        }
        // Between two immediates every promise that was settled is followed up; a batch of them saves turns of the event loop.
        const batch = () => {
          for (let i = 0; i < 64; i++) setImmediate(step)
          setImmediate(() => {
            if (!over) batch()
          })
        }
        batch()
      }),
  }
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

function rise(heap: Planned[], added: Planned): void {
  let index = heap.length
  heap.push(added)
  while (index > 0) {
    const above = (index - 1) >> 1
    const parent = heap[above]
    if (parent === undefined || !isBefore(added, parent)) break
    heap[index] = parent
    index = above
  }
  heap[index] = added
}

/** Puts `moved` where it belongs from the top down. */
function sink(heap: Planned[], moved: Planned): void {
  let index = 0
  for (;;) {
    const left = 2 * index + 1
    const [a, b] = [heap[left], heap[left + 1]]
    if (a === undefined) break
    const right = b !== undefined && isBefore(b, a)
    const child = right ? b : a
    if (child === undefined || !isBefore(child, moved)) break
    heap[index] = child
    index = right ? left + 1 : left
  }
  heap[index] = moved
}
