/** A rule was broken. */
export class Broken extends Error {
  readonly rule: string

  constructor(rule: string, how: string) {
    super(how)
    this.rule = rule
  }
}
