import { fewestReadings } from '../rollout/compare.ts'
import { comparisonFields, metricFields } from './metric-schema.ts'
import { type Mistake, type Path, pathText } from './mistake.ts'
import { durationText, ratioText } from './notation.ts'
import { phaseFields } from './release-schema.ts'
import type { Sound } from './sound.ts'

function mistake(path: Path, text: string): Mistake {
  return { path, at: 'value', text: `${pathText(path)} ${text}` }
}

/**
 * Comparisons that could say nothing: too few readings for any difference to be significant, and phases in which both tracks have traffic but
 * whose soaks don't hold so many windows. `path` is that of the metric.
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
  return [...tooFew, ...shortSoaks(sound, path, Math.max(readings, fewest), fewest)]
}

/** The soaks of phases in which both tracks have traffic must hold as many windows as a comparison wants, and may be told to want. */
function shortSoaks(sound: Sound, path: Path, readings: number, fewest: number): readonly Mistake[] {
  const window = sound.get(metricFields.window, ...path, 'window')
  if (typeof window !== 'number') return []
  const phases = Array.from({ length: sound.length('release', 'phases') }, (_, index) => ['release', 'phases', index])
  return phases.flatMap((phase) => {
    const soak = sound.get(phaseFields.soak, ...phase, 'soak')
    const weight = sound.get(phaseFields.weight, ...phase, 'weight')
    if (soak === undefined || weight === undefined || weight === 100 || soak >= readings * window) return []
    const most = Math.floor(soak / window)
    const held = `the soak of ${pathText(phase)} (${durationText(soak)})`
    if (most >= fewest) {
      const text = `is ${readings}, expected at most ${most}: ${held} holds no more windows of ${durationText(window)}`
      return [mistake([...path, 'compare', 'readings'], text)]
    }
    const longest = durationText(Math.floor(soak / fewest / 1_000) * 1_000)
    const text = `is ${durationText(window)}, expected at most ${longest}: a comparison takes ${fewest} windows, which ${held} must hold`
    return [mistake([...path, 'window'], text)]
  })
}
