import type { Scope, Unit } from '../rollout/plan.ts'
import { metricFields } from './metric-schema.ts'
import { type Mistake, type Path, pathText } from './mistake.ts'
import { durationText, overlap } from './notation.ts'
import { fixedRangeOf, variableMistakes, variablesOf } from './query.ts'
import { releaseFields } from './release-schema.ts'
import type { Sound } from './sound.ts'

const metrics = ['release', 'metrics'] as const

const needed: Readonly<Record<Scope, readonly string[]>> = {
  canary: ['$canary'],
  stable: ['$stable'],
  service: [],
  compare: ['$canary', '$stable'],
}
/** A metric of the whole service may add the tracks up. */
const allowed: Readonly<Record<Scope, readonly string[]>> = {
  canary: ['$window'],
  stable: ['$window'],
  service: ['$canary', '$stable', '$window'],
  compare: ['$window'],
}
const example: Readonly<Record<Unit, string>> = {
  ratio: '"> 0.5%"',
  milliseconds: '"< 500ms"',
  'per-second': '">= 1000/s"',
  count: '">= 60"',
}

function mistake(path: Path, text: string): Mistake {
  return { path, at: 'value', text: `${pathText(path)} ${text}` }
}

function thresholdMistakes(sound: Sound, path: Path): readonly Mistake[] {
  const unit = sound.get(metricFields.unit, ...path, 'unit')
  const target = sound.get(metricFields.target, ...path, 'target')
  const limit = sound.get(metricFields.limit, ...path, 'limit')
  const written = sound.keys(...path)
  if (written.length === 0) return []
  if (!written.includes('target') && !written.includes('limit')) {
    return [mistake(path, 'has neither target nor limit, expected at least one')]
  }
  const misfits = [
    { key: 'target', threshold: target },
    { key: 'limit', threshold: limit },
  ].flatMap(({ key, threshold }) =>
    threshold === undefined || unit === undefined || threshold.unit === unit
      ? []
      : [mistake([...path, key], `is "${threshold.text}", expected one that fits ${unit}, such as ${example[unit]}`)],
  )
  if (misfits.length > 0 || target === undefined || limit === undefined) return misfits
  return target.unit === limit.unit && overlap(target, limit)
    ? [mistake([...path, 'limit'], `is "${limit.text}", expected none that the target "${target.text}" allows`)]
    : []
}

function rangeMistake(query: string, path: Path): readonly Mistake[] {
  const range = fixedRangeOf(query)
  return range === undefined ? [] : [mistake(path, `has the range ${range}, expected [$window]`)]
}

function queryMistakes(sound: Sound, path: Path): readonly Mistake[] {
  const query = sound.get(metricFields.query, ...path, 'query')
  const scope = sound.get(metricFields.scope, ...path, 'scope')
  const window = sound.get(metricFields.window, ...path, 'window')
  if (query === undefined) return []
  const queryPath = [...path, 'query']
  const inScope = scope === undefined ? [] : variableMistakes(query, needed[scope], allowed[scope])
  const unused = window === 'phase' && !variablesOf(query).has('$window')
  return [
    ...inScope.map((text) => mistake(queryPath, `of scope ${scope} ${text}`)),
    ...(unused ? [mistake(queryPath, 'has no $window, expected $window in it, as window is phase')] : []),
    ...rangeMistake(query, queryPath),
  ]
}

function windowMistakes(sound: Sound, path: Path): readonly Mistake[] {
  const interval = sound.get(releaseFields.interval, 'release', 'interval')
  const window = sound.get(metricFields.window, ...path, 'window')
  if (interval === undefined || typeof window !== 'number' || window >= interval) return []
  return [
    mistake(
      [...path, 'window'],
      `is ${durationText(window)}, expected at least release.interval (${durationText(interval)})`,
    ),
  ]
}

function requestsQueryMistakes(sound: Sound): readonly Mistake[] {
  const path = ['release', 'requestsQuery']
  const query = sound.get(releaseFields.requestsQuery, ...path)
  if (query === undefined) return []
  return [
    ...variableMistakes(query, ['$track', '$window'], []).map((text) => mistake(path, text)),
    ...rangeMistake(query, path),
  ]
}

/** Thresholds that don't fit, queries of the wrong scope, windows that are too short, names used twice. */
export function metricMistakes(sound: Sound): readonly Mistake[] {
  const names = Array.from({ length: sound.length(...metrics) }, (_, index) =>
    sound.get(metricFields.name, ...metrics, index, 'name'),
  )
  const inMetrics = names.flatMap((name, index) => {
    const path = [...metrics, index]
    const twice = name !== undefined && names.indexOf(name) !== index
    return [
      ...(twice ? [mistake([...path, 'name'], `is ${name} again, expected each name once`)] : []),
      ...thresholdMistakes(sound, path),
      ...queryMistakes(sound, path),
      ...windowMistakes(sound, path),
    ]
  })
  return [...requestsQueryMistakes(sound), ...inMetrics]
}
