import type { QueueName } from '../../../src/jobs/queue-settings.ts'
import type { Cursor } from '../../../src/ledger/cursors.ts'
import type { RecordEntry } from '../../../src/ledger/record-entry.ts'
import type { ReadinessReport } from '../../../src/readiness/report.ts'
import type { Readings } from '../../../src/rollout/analysis.ts'
import type { Event } from '../../../src/rollout/events.ts'
import type { LockData } from '../../ledger/memory-locks.ts'

/** A job in a queue. */
export interface QueuedJob {
  readonly queue: QueueName
  readonly id: string
  readonly name: string
  readonly data: object
  readonly state: 'waiting' | 'delayed' | 'active'
  /** When a delayed job is due. */
  readonly dueAt: number
  /** Failed tries, how often it has waited for Slack besides, and how often it was begun. */
  readonly made: number
  readonly waits: number
  readonly started: number
  /** Who works on it; a worker whose token stands here no longer has lost its lock. */
  readonly token: number
}

/** All that Redis holds. Lists and jobs in it are never changed, only replaced, so that a copy is cheap. */
export interface RedisData {
  readonly events: Map<number, readonly Event[]>
  active: number | null
  latest: number
  readonly open: Set<number>
  /** By rollout and projection. */
  readonly cursors: Map<string, Cursor>
  /** By rollout and name. */
  readonly notes: Map<string, string>
  readonly readings: Map<number, readonly Readings[]>
  readonly observed: Map<string, number>
  /** When alerts fired last, by rollout and id. */
  readonly alerts: Map<number, ReadonlyMap<string, { readonly title: string; readonly at: number }>>
  heard: number | null
  readonly leases: Map<string, { readonly token: string; readonly until: number }>
  /** By bucket, when it will be full again. */
  readonly pace: Map<string, number>
  record: readonly RecordEntry[]
  lock: LockData['lock']
  readonly reports: Map<string, ReadinessReport>
  /** By the rollout that was started on it. */
  readonly startedOn: Map<number, ReadinessReport>
  newestReport: string | null
  /** Wishes that are done: the same click delivered again is no second one. */
  readonly answered: Set<string>
  /** By queue and id, in the order in which they were added. */
  readonly jobs: Map<string, QueuedJob>
}

export function emptyRedis(): RedisData {
  return {
    events: new Map(),
    active: null,
    latest: 0,
    open: new Set(),
    cursors: new Map(),
    notes: new Map(),
    readings: new Map(),
    observed: new Map(),
    alerts: new Map(),
    heard: null,
    leases: new Map(),
    pace: new Map(),
    reports: new Map(),
    startedOn: new Map(),
    record: [],
    lock: null,
    newestReport: null,
    answered: new Set(),
    jobs: new Map(),
  }
}

export function copyOf(data: RedisData): RedisData {
  return {
    ...data,
    events: new Map(data.events),
    open: new Set(data.open),
    cursors: new Map(data.cursors),
    notes: new Map(data.notes),
    readings: new Map(data.readings),
    observed: new Map(data.observed),
    alerts: new Map(data.alerts),
    leases: new Map(data.leases),
    pace: new Map(data.pace),
    reports: new Map(data.reports),
    startedOn: new Map(data.startedOn),
    answered: new Set(data.answered),
    jobs: new Map(data.jobs),
  }
}

/** The one Redis of a run: what it holds can be replaced by an older copy. */
export interface Redis {
  data: RedisData
}
