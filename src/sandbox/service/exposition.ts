import type { Track } from '../../rollout/plan.ts'
import { latencyBounds } from './latency.ts'
import { type ServiceModel, tracks } from './model.ts'
import type { TrackFigures } from './track-figures.ts'

type Labels = Readonly<Record<string, string>>
type Sample = readonly [suffix: string, labels: Labels, value: number]

function series(name: string, type: 'counter' | 'gauge' | 'histogram', common: Labels, samples: readonly Sample[]) {
  const lines = samples.map(([suffix, labels, value]) => {
    const all = Object.entries({ ...common, ...labels }).map(([key, text]) => `${key}=${JSON.stringify(text)}`)
    return `${name}${suffix}{${all.join(',')}} ${Number(value.toFixed(6))}`
  })
  return [`# TYPE ${name} ${type}`, ...lines, ''].join('\n')
}

function latencies(figures: TrackFigures): readonly Sample[] {
  const buckets = latencyBounds.map((bound, index): Sample => {
    const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound)
    return ['_bucket', { le }, figures.within[index] ?? 0]
  })
  return [...buckets, ['_sum', {}, figures.latencySum], ['_count', {}, figures.within.at(-1) ?? 0]]
}

/** What one track's pods tell Prometheus, in its text format; empty while there are none, as with real pods. */
export function trackExposition(model: ServiceModel, service: string, track: Track): string {
  const figures = model.figures(track)
  if (figures === null) return ''
  const common = { service, track }
  return [
    series(
      'http_requests_total',
      'counter',
      common,
      Object.entries(figures.codes).map(([code, count]) => ['', { code }, count]),
    ),
    series('http_request_duration_seconds', 'histogram', common, latencies(figures)),
    series(
      'workflows_total',
      'counter',
      common,
      Object.entries(figures.workflows).map(([result, count]) => ['', { result }, count]),
    ),
    series('cpu_utilization_ratio', 'gauge', common, [['', {}, figures.cpu]]),
    series('memory_utilization_ratio', 'gauge', common, [['', {}, figures.memory]]),
  ].join('')
}

/**
 * What is told of the service as a whole at a moment (ms since 1970), what its backups tell, and what kube-state-metrics would tell of
 * its Deployments.
 */
export function serviceExposition(
  model: ServiceModel,
  service: string,
  deployments: Readonly<Record<Track, string>>,
  now: number,
): string {
  const ago = (seconds: number): readonly Sample[] => [['', {}, Math.round(now / 1_000 - seconds)]]
  const common = { service }
  const agents = model.agents()
  const byTrack = (count: (track: Track) => number) =>
    tracks.map((track): Sample => ['', { deployment: deployments[track] }, count(track)])
  return [
    series('agents_available', 'gauge', common, [['', {}, agents.available]]),
    series('agents_failed', 'gauge', common, [['', {}, agents.failed]]),
    series(
      'agents_by_version',
      'gauge',
      common,
      [...model.agentsByVersion()].map(([version, count]): Sample => ['', { version }, count]),
    ),
    series('workflows_stuck', 'gauge', common, [['', {}, model.workflowsStuck()]]),
    series('backup_last_success_timestamp_seconds', 'gauge', common, ago(model.sinceBackup())),
    series('restore_test_last_success_timestamp_seconds', 'gauge', common, ago(model.sinceRestoreTest())),
    series('data_consistency_ratio', 'gauge', common, [['', {}, model.dataConsistency()]]),
    series('workflows_waiting', 'gauge', common, [['', {}, model.workflowsWaiting()]]),
    series(
      'workflows_in_flight',
      'gauge',
      common,
      tracks.map((track): Sample => ['', { track }, model.workflowsInFlight(track)]),
    ),
    series(
      'kube_deployment_status_replicas_ready',
      'gauge',
      common,
      byTrack((track) => model.readyPods(track)),
    ),
    series(
      'kube_deployment_spec_replicas',
      'gauge',
      common,
      byTrack((track) => model.wantedPods(track)),
    ),
  ].join('')
}
