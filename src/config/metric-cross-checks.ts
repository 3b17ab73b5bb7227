import type { Scope, Unit } from '../rollout/plan.ts'
import { comparisonMistakes } from './comparison-cross-checks.ts'
import { words } from './fields.ts'
import { metricFields } from './metric-schema.ts'
import { type Mistake, type Path, pathText } from './mistake.ts'
import { expectedOf } from './nearest.ts'
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

/** What a metric is judged by: bounds, or a comparison, which takes their place. */
function judgementMistakes(sound: Sound, path: Path): readonly Mistake[] {
  const written = sound.keys(...path)
  if (written.length === 0) return []
  const bounds = ['target', 'limit'].filter((key) => written.includes(key))
  if (written.includes('compare')) {
    const scope = sound.get(metricFields.scope, ...path, 'scope')
    const window = sound.get(metricFields.window, ...path, 'window')
    const phase =
      window === 'phase' ? [mistake([...path, 'window'], 'is phase, expected a duration beside compare')] : []
    const other =
      scope === undefined || scope === 'compare'
        ? []
        : [mistake([...path, 'scope'], `is ${scope}, expected compare beside the key compare`)]
    return [
      ...other,
      ...phase,
      ...bounds.map((key) => mistake([...path, key], 'stands beside compare, expected one or the other')),
    ]
  }
  if (bounds.length === 0) return [mistake(path, 'has neither target nor limit, expected at least one')]
  return thresholdMistakes(sound, path, path)
}

/** Bounds that don't fit the metric's unit, or each other; `path` has what it does not say itself from `metric`. */
function thresholdMistakes(sound: Sound, path: Path, metric: Path): readonly Mistake[] {
  const unit = sound.get(metricFields.unit, ...metric, 'unit')
  const own = sound.keys(...path)
  const target = sound.get(metricFields.target, ...(own.includes('target') ? path : metric), 'target')
  const limit = sound.get(metricFields.limit, ...(own.includes('limit') ? path : metric), 'limit')
  const misfits = [
    { key: 'target', threshold: target },
    { key: 'limit', threshold: limit },
  ].flatMap(({ key, threshold }) =>
    threshold === undefined || unit === undefined || threshold.unit === unit || !own.includes(key)
      ? []
      : [mistake([...path, key], `is "${threshold.text}", expected one that fits ${unit}, such as ${example[unit]}`)],
  )
  if (misfits.length > 0 || target === undefined || limit === undefined) return misfits
  return target.unit === limit.unit && overlap(target, limit)
    ? [
        own.includes('limit')
          ? mistake([...path, 'limit'], `is "${limit.text}", expected none that the target "${target.text}" allows`)
          : mistake([...path, 'target'], `is "${target.text}", expected none that the limit "${limit.text}" breaks`),
      ]
    : []
}

/** What phases ask of metrics: names that there are, bounds that fit, and numbers of requests that can be counted. */
function overrideMistakes(sound: Sound, names: readonly (string | undefined)[]): readonly Mistake[] {
  const known = names.filter((name) => name !== undefined)
  return Array.from({ length: sound.length('release', 'phases') }, (_, index) => index).flatMap((index) => {
    const path = ['release', 'phases', index, 'metrics']
    return sound.keys(...path).flatMap((name): readonly Mistake[] => {
      const place = [...path, name]
      const metric = [...metrics, names.indexOf(name)]
      if (!known.includes(name)) {
        const text = `${pathText(place)} is unknown, expected the name of a metric; ${expectedOf(name, known)}`
        return [{ path: place, at: 'key', text }]
      }
      const compares = sound.keys(...metric).includes('compare')
      const bounds = sound.keys(...place).filter((key) => compares && ['target', 'limit', 'confirm'].includes(key))
      const misfits =
        bounds.length > 0
          ? bounds.map((key) => mistake([...place, key], `is for target and limit, but ${name} compares`))
          : thresholdMistakes(sound, place, metric)
      return [...misfits, ...minRequestsMistakes(sound, place)]
    })
  })
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
  const compares = sound.keys(...path).includes('compare')
  const inScope =
    scope === undefined
      ? []
      : compares
        ? variableMistakes(query, ['$track'], ['$window'])
        : variableMistakes(query, needed[scope], allowed[scope])
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

function minRequestsMistakes(sound: Sound, path: Path): readonly Mistake[] {
  const counted = sound.keys('release').includes('requestsQuery')
  if (counted || !sound.keys(...path).includes('minRequests')) return []
  return [mistake([...path, 'minRequests'], 'needs release.requestsQuery, expected it to count them')]
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

function drainedMistakes(sound: Sound): readonly Mistake[] {
  const path = ['release', 'drained', 'query']
  const query = sound.get(words, ...path)
  if (query === undefined) return []
  return [
    ...variableMistakes(query, ['$track'], ['$window']).map((text) => mistake(path, text)),
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
      ...judgementMistakes(sound, path),
      ...comparisonMistakes(sound, path),
      ...queryMistakes(sound, path),
      ...windowMistakes(sound, path),
      ...minRequestsMistakes(sound, path),
    ]
  })
  return [
    ...requestsQueryMistakes(sound),
    ...drainedMistakes(sound),
    ...inMetrics,
    ...nothingAtTheEnd(sound, names.length),
    ...overrideMistakes(sound, names),
  ]
}

/** Stable has no traffic in the last phase and in the window: what is read of it alone, or beside it, would never let them pass. */
function nothingAtTheEnd(sound: Sound, count: number): readonly Mistake[] {
  const isOfStable = (index: number) => {
    const path = [...metrics, index]
    const scope = sound.get(metricFields.scope, ...path, 'scope')
    return scope === 'compare' || scope === 'stable'
  }
  if (count === 0 || !Array.from({ length: count }, (_, index) => index).every(isOfStable)) return []
  return [mistake(metrics, 'says nothing at 100 %, expected at least one metric of scope canary or service')]
}
