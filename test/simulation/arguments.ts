import { parseArgs } from 'node:util'

/** What `script/simulate` is asked for. */
export interface Arguments {
  readonly seeds: number
  /** The only seed to run; its whole trace is printed. */
  readonly seed: number | undefined
  /** Ends after so many minutes of real time, in ms. */
  readonly limit: number
  readonly plant: string | undefined
}

export const usage = `Runs the whole of Slipway on a virtual clock, with faults by seed, and checks the rules of the design after every step.
Prints how many rollouts and steps a second, which faults were met how often, how rollouts ended, and the first seed that
breaks a rule, with its trace. Exits 1 when a rule was broken.

  script/simulate [--seeds N] [--seed S] [--minutes M] [--plant NAME]

  --seeds N     runs seeds 1 to N (10000)
  --seed S      runs only this one and prints all of its trace
  --minutes M   stops after so many minutes; without --seeds it runs on until then
  --plant NAME  changes one line of the source first, to see that its fault is found; for the tests
                NAME: `

/** Reads the command line. Throws a TypeError for what it does not know. */
export function readArguments(args: readonly string[]): Arguments | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string' },
      seed: { type: 'string' },
      minutes: { type: 'string' },
      plant: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return 'help'
  const minutes = values.minutes === undefined ? null : whole('minutes', values.minutes)
  return {
    seeds:
      values.seeds === undefined ? (minutes === null ? 10_000 : Number.MAX_SAFE_INTEGER) : whole('seeds', values.seeds),
    seed: values.seed === undefined ? undefined : whole('seed', values.seed),
    limit: minutes === null ? Number.POSITIVE_INFINITY : minutes * 60_000,
    plant: values.plant,
  }
}

function whole(name: string, text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new TypeError(`--${name} takes a whole number, not ${text}`)
  return Number(text)
}
