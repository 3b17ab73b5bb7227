import { readingsKept } from '../rollout/analysis.ts'
import { type Mistake, type Path, pathText } from './mistake.ts'
import { durationText } from './notation.ts'
import { phaseFields, releaseFields } from './release-schema.ts'
import { configFields } from './schema.ts'
import type { Sound } from './sound.ts'

/** A duration in ms and where it stands; no `ms` when it is broken. */
interface Time {
  readonly path: Path
  readonly ms: number | undefined
}

/** One mistake when both durations are sound and what must hold does not. */
function unless(
  holds: (ms: number, other: number) => boolean,
  time: Time,
  bound: string,
  other: Time,
): readonly Mistake[] {
  if (time.ms === undefined || other.ms === undefined || holds(time.ms, other.ms)) return []
  const expected = `${bound} ${pathText(other.path)} (${durationText(other.ms)})`
  const text = `${pathText(time.path)} is ${durationText(time.ms)}, expected ${expected}`
  return [{ path: time.path, at: 'value', text }]
}

const atLeast = (ms: number, other: number) => ms >= other
const atMost = (ms: number, other: number) => ms <= other
const moreThan = (ms: number, other: number) => ms > other
const lessThan = (ms: number, other: number) => ms < other

/** Readings of so long a time are not kept: what must hold in all of them never would. */
function longerThanKept(time: Time, { ms: interval }: Time): readonly Mistake[] {
  if (time.ms === undefined || interval === undefined || time.ms < readingsKept * interval) return []
  const kept = `${readingsKept} readings are kept, ${durationText(interval)} apart`
  const text = `${pathText(time.path)} is ${durationText(time.ms)}, expected less than ${durationText(readingsKept * interval)}: ${kept}`
  return [{ path: time.path, at: 'value', text }]
}

/** Durations that contradict each other. */
export function timeMistakes(sound: Sound): readonly Mistake[] {
  const ofRelease = (
    key:
      | 'interval'
      | 'staleAfter'
      | 'readyWithin'
      | 'signOffExpires'
      | 'convergesWithin'
      | 'rollbackWindow'
      | 'pageAfter'
      | 'maxHold'
      | 'resolveAfter',
  ): Time => {
    const path = ['release', key]
    return { path, ms: sound.get(releaseFields[key], ...path) }
  }
  const [interval, staleAfter] = [ofRelease('interval'), ofRelease('staleAfter')]
  const query: Time = {
    path: ['prometheus', 'timeout'],
    ms: sound.get(configFields.prometheus.shape.timeout, 'prometheus', 'timeout'),
  }
  const ofPhases = (key: 'soak' | 'signOffExpires') =>
    Array.from({ length: sound.length('release', 'phases') }, (_, index): Time => {
      const path = ['release', 'phases', index, key]
      return { path, ms: sound.get(phaseFields[key], ...path) }
    })
  const stands = [ofRelease('signOffExpires'), ...ofPhases('signOffExpires')]
  return [
    ...unless(atLeast, staleAfter, 'at least', interval),
    ...unless(atLeast, ofRelease('convergesWithin'), 'at least', staleAfter),
    ...unless(atLeast, ofRelease('rollbackWindow'), 'at least', interval),
    ...unless(atMost, query, 'at most', interval),
    ...unless(lessThan, ofRelease('pageAfter'), 'less than', ofRelease('maxHold')),
    ...longerThanKept(ofRelease('resolveAfter'), interval),
    // Pods that are ready in time would come too late for what was signed.
    ...stands.flatMap((stand) => unless(moreThan, stand, 'more than', ofRelease('readyWithin'))),
    // A number from before the phase would be good for all of a shorter one.
    ...ofPhases('soak').flatMap((soak) => unless(atLeast, soak, 'at least', staleAfter)),
  ]
}
