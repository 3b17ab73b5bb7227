import { readingsKept } from '../rollout/analysis.ts'
import { fewestReadings } from '../rollout/compare.ts'
import { comparisonFields, metricFields } from './metric-schema.ts'
import { type Mistake, type Path, pathText } from './mistake.ts'
import { durationText, ratioText } from './notation.ts'
import { phaseFields, releaseFields } from './release-schema.ts'
import type { Sound } from './sound.ts'

function mistake(path: Path, text: string): Mistake {
  return { path, at: 'value', text: `${pathText(path)} ${text}` }
}

/**
 * Comparisons that could say nothing: too few readings for any difference to be significant, or more windows than there are. `path` is that of
 * the metric.
 */
export function comparisonMistakes(sound: Sound, path: Path): readonly Mistake[] {
  if (!sound.keys(...path).includes('compare')) return []
  const significance = sound.get(comparisonFields.significance, ...path, 'compare', 'significance')
  if (significance === undefined) return []
  const fewest = fewestReadings(significance)
  const shown = ratioText(significance)
  if (fewest === undefined) {
    const text = `is ${shown}, expected more: no difference is as rare as that`
    return [mistake([...path, 'compare', 'significance'], text)]
  }
  const place = [...path, 'compare', 'readings']
  const readings = sound.get(comparisonFields.readings, ...place)
  if (readings === undefined) return []
  const why = `with fewer no difference is as rare as significance (${shown}) asks`
  const tooFew = readings < fewest ? [mistake(place, `is ${readings}, expected at least ${fewest}: ${why}`)] : []
  return [...tooFew, ...tooShort(sound, path, Math.max(readings, fewest), fewest)]
}

/** What must hold the windows of a comparison: the time of the readings that are kept, and the soaks of phases in which both tracks have traffic. */
function holders(sound: Sound): readonly { readonly ms: number; readonly what: string }[] {
  const interval = sound.get(releaseFields.interval, 'release', 'interval')
  const what = (ms: number) => `the time of the ${readingsKept} readings that are kept (${durationText(ms)} apart)`
  const kept = interval === undefined ? [] : [{ ms: readingsKept * interval, what: what(interval) }]
  const phases = Array.from({ length: sound.length('release', 'phases') }, (_, index) => ['release', 'phases', index])
  const soaks = phases.flatMap((phase) => {
    const ms = sound.get(phaseFields.soak, ...phase, 'soak')
    const weight = sound.get(phaseFields.weight, ...phase, 'weight')
    if (ms === undefined || weight === undefined || weight === 100) return []
    return [{ ms, what: `the soak of ${pathText(phase)} (${durationText(ms)})` }]
  })
  return [...kept, ...soaks]
}

/** What is too short for as many windows as a comparison wants, and may be told to want. */
function tooShort(sound: Sound, path: Path, readings: number, fewest: number): readonly Mistake[] {
  const window = sound.get(metricFields.window, ...path, 'window')
  if (typeof window !== 'number') return []
  return holders(sound).flatMap(({ ms, what }) => {
    const most = Math.floor(ms / window)
    if (readings <= most) return []
    if (most >= fewest) {
      const text = `is ${readings}, expected at most ${most}: ${what} holds no more windows of ${durationText(window)}`
      return [mistake([...path, 'compare', 'readings'], text)]
    }
    const longest = durationText(Math.floor(ms / fewest / 1_000) * 1_000)
    const text = `is ${durationText(window)}, expected at most ${longest}: a comparison takes ${fewest} windows, which ${what} must hold`
    return [mistake([...path, 'window'], text)]
  })
}
