import { metricFields, overrideFields } from './metric-schema.ts'
import { type Mistake, type Path, pathText } from './mistake.ts'
import { durationText } from './notation.ts'
import { phaseFields, releaseFields } from './release-schema.ts'
import type { Sound } from './sound.ts'

/** Limits that no soak is long enough to confirm: a phase would pass while one of them is broken. */
export function confirmMistakes(sound: Sound): readonly Mistake[] {
  const interval = sound.get(releaseFields.interval, 'release', 'interval')
  if (interval === undefined) return []
  const soaks = Array.from({ length: sound.length('release', 'phases') }, (_, index) => {
    const path: Path = ['release', 'phases', index]
    return { path, soak: sound.get(phaseFields.soak, ...path, 'soak') ?? Number.POSITIVE_INFINITY }
  }).toSorted((a, b) => a.soak - b.soak)
  return Array.from({ length: sound.length('release', 'metrics') }, (_, index) => index).flatMap((index) => {
    const metric: Path = ['release', 'metrics', index]
    const name = sound.get(metricFields.name, ...metric, 'name') ?? ''
    const told = new Set<string>()
    return soaks.flatMap(({ path, soak }): readonly Mistake[] => {
      const own: Path = [...path, 'metrics', name]
      const hasLimit = [metric, own].some((place) => sound.keys(...place).includes('limit'))
      const ownConfirm = sound.keys(...own).includes('confirm')
      const confirm = ownConfirm
        ? sound.get(overrideFields.confirm, ...own, 'confirm')
        : sound.get(metricFields.confirm, ...metric, 'confirm')
      if (!hasLimit || confirm === undefined || confirm * interval <= soak) return []
      const place = [...(ownConfirm ? own : metric), 'confirm']
      // What several phases have from the metric is one mistake: that of the shortest.
      if (told.has(pathText(place))) return []
      told.add(pathText(place))
      const holds = `the soak of ${pathText(path)} (${durationText(soak)}) holds no more readings`
      const text = `${pathText(place)} is ${confirm}, expected at most ${Math.floor(soak / interval)}: ${holds}`
      return [{ path: place, at: 'value', text }]
    })
  })
}
