/** A thing that was done and how long it took, for the evidence in the thread. */
export interface Step {
  readonly name: string
  readonly ms: number
}
