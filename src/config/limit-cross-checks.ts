import { comparisonFields, metricFields } from './metric-schema.ts'
import { type Mistake, type Path, pathText } from './mistake.ts'
import { configFields } from './schema.ts'
import type { Sound } from './sound.ts'

const metrics = ['release', 'metrics'] as const

/** A release that nothing rolls back by itself; whoever only observes rolls nothing back anyway. */
export function limitMistakes(sound: Sound): readonly Mistake[] {
  const mode = sound.get(configFields.mode, 'mode')
  const places = placesIn(sound, metrics)
  const overrides = placesIn(sound, ['release', 'phases']).flatMap((phase) =>
    sound.keys(...phase, 'metrics').map((name): Path => [...phase, 'metrics', name]),
  )
  if (mode !== 'act' || places.length === 0 || sound.keys().includes('alertmanager')) return []
  if ([...places, ...overrides].some((path) => sound.keys(...path).includes('limit'))) return []
  if (places.some((path) => isBreach(sound, path) || isUnjudged(sound, path))) return []
  const expected = 'a limit; or a comparison with critical: true, missing: breach, or alertmanager'
  return [{ path: metrics, at: 'value', text: `${pathText(metrics)} rolls nothing back, expected ${expected}` }]
}

function placesIn(sound: Sound, list: Path): readonly Path[] {
  return Array.from({ length: sound.length(...list) }, (_, index) => [...list, index])
}

/** Does a metric roll back without a limit: by its comparison, or when its number is missing? */
function isBreach(sound: Sound, path: Path): boolean {
  const critical = sound.get(comparisonFields.critical, ...path, 'compare', 'critical')
  const missing = sound.get(metricFields.missing, ...path, 'missing') ?? {}
  return critical === true || Object.values(missing).includes('breach')
}

/** A metric without target, limit and comparison is a mistake of its own: it may have been meant to have a limit. */
function isUnjudged(sound: Sound, path: Path): boolean {
  const written = sound.keys(...path)
  return !['target', 'compare'].some((key) => written.includes(key))
}
