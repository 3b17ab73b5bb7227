/** Notes one line of what happens; the line is made only when somebody wants to read it. */
export type Trace = (line: () => string) => void

/** A trace that is kept, with the virtual time before each line. */
export function createTrace(
  now: () => number,
  began: number,
): { readonly trace: Trace; readonly lines: readonly string[] } {
  const lines: string[] = []
  return {
    lines,
    trace(line) {
      lines.push(`${((now() - began) / 1_000).toFixed(3).padStart(8)} ${line()}`)
    },
  }
}
