import { Broken } from './broken.ts'
import type { Rule } from './scene.ts'

/** Rule 6: every number that is judged was answered by Prometheus to that very question; none was made up. */
export const missingIsNoNumber: Rule = () => {
  /** Numbers that a process was answered, by metric and the moment of asking. */
  let numbers = new Map<string, number[]>()
  let older = numbers
  return {
    answered(process, asked, _promql, sample) {
      if ('missing' in sample) return
      if (numbers.size > 500) {
        older = numbers
        numbers = new Map()
      }
      const key = `${process}@${asked}`
      const list = numbers.get(key)
      if (list === undefined) numbers.set(key, [sample.value])
      else list.push(sample.value)
    },
    looked(process, _rollout, readings) {
      const key = `${process}@${readings.at}`
      const had = [...(numbers.get(key) ?? []), ...(older.get(key) ?? [])]
      for (const [metric, value] of Object.entries(readings.values)) {
        if ('value' in value && !had.includes(value.value))
          throw new Broken('missing-is-no-number', `${metric} was judged by ${value.value}, which nobody answered`)
      }
    },
  }
}
