import { inspect } from 'node:util'

const hidden = '[secret]'

/** A value that shows itself only when asked to: printing, logging and serialising it give `[secret]` (rule 10). */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself, for the one call that needs it. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return hidden
  }

  toJSON(): string {
    return hidden
  }

  [inspect.custom](): string {
    return hidden
  }
}
