/** Remembers how to undo what was done, and does so once, last things first. */
export class Teardown {
  readonly #steps: (() => Promise<unknown> | unknown)[] = []
  #running: Promise<void> | null = null

  /** Remembers how to undo something that was just done. */
  add(undo: () => Promise<unknown> | unknown): void {
    this.#steps.push(undo)
  }

  /**
   * Undoes everything; a second call waits for the first one.
   * @throws AggregateError when some of it did not work; the rest is undone all the same.
   */
  run(): Promise<void> {
    this.#running ??= this.#undo()
    return this.#running
  }

  async #undo(): Promise<void> {
    const errors: unknown[] = []
    for (const undo of this.#steps.toReversed()) {
      try {
        await undo()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'The sandbox could not remove everything.')
  }
}
