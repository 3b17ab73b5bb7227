/** How long a pod takes after its start until it is as good as the others, in seconds. */
const duration = 10
/** What a pod that has just started has room for, as a share of a warm one, and how many times slower it answers. */
const cold = { room: 0.8, slowdown: 1.5 } as const

/** The ready pods of one track, by how long each has been there. */
export class Pods {
  /** In seconds, longest first. */
  #ages: number[]

  /** Pods that were there before anybody looked are warm. */
  constructor(count: number) {
    this.#ages = Array.from({ length: count }, () => duration)
  }

  get count(): number {
    return this.#ages.length
  }

  /** Those that are more have just started; of those that are fewer the youngest have left. */
  resize(count: number): void {
    const more = Array.from({ length: Math.max(0, count - this.count) }, () => 0)
    this.#ages = [...this.#ages.slice(0, count), ...more]
  }

  /** All of them start again, with another image. */
  restart(): void {
    this.#ages = this.#ages.map(() => 0)
  }

  pass(seconds: number): void {
    this.#ages = this.#ages.map((age) => age + seconds)
  }

  /** What they have room for together, in warm pods. */
  room(): number {
    return this.#ages.reduce((sum, age) => sum + between(cold.room, age), 0)
  }

  /** How many times slower than warm ones they answer on average. */
  slowdown(): number {
    if (this.count === 0) return 1
    return this.#ages.reduce((sum, age) => sum + between(cold.slowdown, age), 0) / this.count
  }
}

function between(start: number, age: number): number {
  return start + (1 - start) * Math.min(1, age / duration)
}
