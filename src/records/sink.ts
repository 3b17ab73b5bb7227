/** Where the record of a rollout is written when it is over. */
export interface Sink {
  /** Writes a file as a whole, over one of the same name. Throws `sink-refused` or `sink-unreachable`. */
  write(name: string, content: string): Promise<void>
}
