import { parseDocument } from 'yaml'
import type { Config } from '../config/config.ts'
import { parseConfig } from '../config/load.ts'
import type { Path } from '../config/mistake.ts'
import { durationText, parseDuration } from '../config/notation.ts'
import type { Neighbours } from './neighbours.ts'

/** What the sandbox puts in the place of the configured values. */
export interface Stage {
  readonly channel: string
  /** Slack user by role; the role's user group has its name. */
  readonly users: Readonly<Record<string, string>>
  readonly prometheusUrl: string
  readonly pagerdutyPage: string
  /** Whose certificate readiness looks at. */
  readonly pagerdutyApi: string
  /** Where the service says that it is well. */
  readonly health: string
  readonly neighbours: Neighbours['urls']
  /** Divides every configured duration, no time-out. */
  readonly speed: number
}

const second = 1_000
const minute = 60 * second

/**
 * Below what a duration is not shortened, in ms: Prometheus scrapes each second, a window needs some scrapes, people need
 * time to click, pods to start.
 */
const floors = {
  interval: second,
  window: 5 * second,
  staleAfter: 5 * second,
  readyWithin: minute,
  convergesWithin: 10 * second,
  convergencePause: 10 * second,
  // More than pods may take.
  signOffExpires: 2 * minute,
  signOffOpens: second,
  rollbackWindow: 5 * second,
  // A clean-up must see a whole window without requests, and its scrapes, before it asks a person.
  pageAfter: 12 * second,
  maxHold: 24 * second,
  resolveAfter: 5 * second,
  validFor: minute,
} as const

/**
 * The configuration file for a sandbox: the given one, faster, with the sandbox's own Slack, PagerDuty and Prometheus.
 * Everything else, comments too, stays as it is written.
 * @throws SlipwayError `config-invalid` when the given text has mistakes; `file` is what they call it.
 */
export function deriveConfig(text: string, file: string, stage: Stage): string {
  const config = parseConfig(text, file)
  const document = parseDocument(text)
  const set = (path: Path, value: unknown) => document.setIn(path, value)

  set(['slack', 'channel'], stage.channel)
  set(['pagerduty', 'servicePage'], stage.pagerdutyPage)
  set(['prometheus', 'url'], stage.prometheusUrl)
  const people = Object.values(stage.users)
  for (const [role, { users, groups }] of Object.entries(config.roles)) {
    // A file that names the sandbox's own people says who holds what.
    if (!users.every((user) => people.includes(user))) set(['roles', role, 'users'], [stage.users[role]])
    if (groups.length > 0) set(['roles', role, 'groups'], [`@${role}`])
  }
  const check = (name: string, key: string) => ['readiness', 'checks', name, key]
  const { alertmanager, grafana, registry, confluence } = stage.neighbours
  const asked = [
    [check('alerts', 'url'), alertmanager],
    [check('dashboard', 'url'), grafana],
    [check('image-exists', 'registry'), registry],
    [check('confluence', 'url'), confluence],
    [check('health', 'urls'), [stage.health]],
  ] as const
  // What a file has no use for is not asked in its sandbox either.
  for (const [path, address] of asked) if (document.hasIn(path)) set(path, address)
  set(check('certificates', 'endpoints'), [stage.pagerdutyApi])
  // The pods of a sandbox are young.
  set(['readiness', 'checks', 'stable-steady', 'readyFor'], '1s')
  for (const [path, ms] of durations(config, stage.speed)) set(path, durationText(ms))
  for (const [path, count] of fewestRequests(config, stage.speed)) set(path, count)
  for (const [path, query] of closerSteps(config, stage.speed)) set(path, query)
  return document.toString({ lineWidth: 0 })
}

const shorter = (ms: number, key: keyof typeof floors, speed: number) =>
  Math.min(ms, Math.max(floors[key], Math.round(ms / speed)))

/** A shorter window sees fewer requests, so fewer are worth judging. */
function fewestRequests(config: Config, speed: number): readonly (readonly [Path, number])[] {
  return config.release.metrics.flatMap(({ window, minRequests }, index) => {
    if (minRequests === undefined || window === 'phase') return []
    const share = shorter(window, 'window', speed) / window
    return [[['release', 'metrics', index, 'minRequests'], Math.ceil(minRequests * share)] as const]
  })
}

/** A shorter window needs closer steps of its subqueries: an increase has no number below two. */
function closerSteps(config: Config, speed: number): readonly (readonly [Path, string])[] {
  const closer = (step: string) => durationText(shorter(parseDuration(step) ?? 0, 'interval', speed))
  return config.release.metrics.map(({ query }, index) => [
    ['release', 'metrics', index, 'query'],
    query.replaceAll(/(?<=\[\$window:)[^\]]+/g, closer),
  ])
}

/** Every duration and what becomes of it, also those that the file leaves to their default. */
function durations(config: Config, speed: number): readonly (readonly [Path, number])[] {
  const { release } = config
  const short = (ms: number, key: keyof typeof floors) => shorter(ms, key, speed)
  const ofRelease = (
    [
      'interval',
      'staleAfter',
      'readyWithin',
      'convergesWithin',
      'convergencePause',
      'signOffExpires',
      'signOffOpens',
      'rollbackWindow',
      'pageAfter',
      'maxHold',
      'resolveAfter',
    ] as const
  ).flatMap((key) => {
    const ms = release[key]
    return ms === undefined ? [] : [[['release', key], short(ms, key)] as const]
  })
  // A soak holds the readings that confirm a limit, and none from before it.
  const confirming = release.metrics.map(({ name, confirm }) =>
    Math.max(confirm, ...release.phases.map(({ metrics }) => metrics?.[name]?.confirm ?? 0)),
  )
  const shortest = Math.max(
    short(release.staleAfter, 'staleAfter'),
    ...confirming.map((n) => n * short(release.interval, 'interval')),
  )
  const phases = release.phases.flatMap(({ soak, signOffExpires }, index) => {
    const path = ['release', 'phases', index]
    const own =
      signOffExpires === undefined
        ? []
        : [[[...path, 'signOffExpires'], short(signOffExpires, 'signOffExpires')] as const]
    return [[[...path, 'soak'], Math.min(soak, Math.max(shortest, Math.round(soak / speed)))] as const, ...own]
  })
  const metrics = release.metrics.flatMap(({ window }, index) => {
    return window === 'phase' ? [] : [[['release', 'metrics', index, 'window'], short(window, 'window')] as const]
  })
  // A query may take as long as the time between two readings, so this one time-out follows.
  const query = Math.min(config.prometheus.timeout, short(release.interval, 'interval'))
  return [
    ...ofRelease,
    ...phases,
    ...metrics,
    [['readiness', 'validFor'], short(config.readiness.validFor, 'validFor')],
    [['prometheus', 'timeout'], query],
  ]
}
