import { z } from 'zod'
import type { Config } from './config.ts'
import { duration, durationUpTo, durationWithin, name, oneOf, share, text, url, words } from './fields.ts'
import { freezes } from './freeze-schema.ts'
import { permissions } from './permission-schema.ts'
import { pointsOfNoReturn } from './point-schema.ts'
import { readiness } from './readiness-schema.ts'
import { record } from './record-schema.ts'
import { release } from './release-schema.ts'

const track = z.strictObject({
  deployment: name.describe('Name of the Deployment.'),
  destination: z
    .strictObject({
      host: words.describe('Host of the destination: its Service, short or with its namespace.'),
      subset: words.exactOptional().describe('Subset of the destination; with virtual-service only.'),
    })
    .describe("The route's destination that leads to this Deployment."),
})

const cluster = z.strictObject({
  namespace: name.describe('Namespace of everything below.'),
  container: name.describe('The container whose image is the release.'),
  traffic: z
    .strictObject({
      kind: oneOf(['virtual-service', 'http-route'])
        .prefault('virtual-service')
        .describe("What splits the traffic: Istio's VirtualService or the Gateway API's HTTPRoute."),
      name: words.describe('Its name.'),
      route: words.exactOptional().describe('Name of the HTTP route or rule in it; without it the only one.'),
    })
    .describe('Where the weights are written.'),
  tracks: z
    .strictObject({ blue: track.describe('The blue track.'), green: track.describe('The green track.') })
    .describe('The two Deployments that take turns as stable and canary.'),
  readyShare: share
    .prefault('80%')
    .describe('A rollback scales stable first when fewer of its pods than this are ready.'),
  scaleFirst: durationUpTo(20_000, '20s: a rollback is done within 30s')
    .prefault('20s')
    .describe('How long that may take before the weights are written all the same; at most 20s.'),
  timeout: durationWithin(5_000, '5s: a rollback is done within 30s, also after a call that hangs')
    .prefault('2s')
    .describe('Time limit of one call to the API server; at most 5s.'),
})

/** The people who hold a role, in the notation of the file. */
export const userIds = z
  .array(text(/^[UW][A-Z0-9]{2,20}$/, 'expected a Slack user id such as U012AB3CD'))
  .min(1, { error: 'expected at least one Slack user id' })

/** The user groups whose members hold a role, in the notation of the file. */
export const userGroups = z
  .array(
    text(
      /^(@[^\s@#<>A-Z]{1,80}|S[A-Z0-9]{2,20})$/,
      'expected a Slack user group such as "@sre-team" (in quotes) or its id such as S012AB3CD',
    ),
  )
  .min(1, { error: 'expected at least one Slack user group' })

/** A schedule of PagerDuty, in the notation of the file. */
export const scheduleId = text(/^P[A-Z0-9]{2,20}$/, 'expected the id of a PagerDuty schedule such as P012ABC')

const role = z.strictObject({
  title: words.describe('How people call it.'),
  users: userIds.default([]).describe('Slack user ids of people who hold it.'),
  groups: userGroups.default([]).describe('Slack user groups whose members hold it, by handle or id.'),
  schedule: scheduleId
    .exactOptional()
    .describe('PagerDuty schedule by its id: whoever is on call by it holds it. Needs PAGERDUTY_API_TOKEN.'),
})

/** The keys of the whole file, in its notation. */
export const configFields = {
  service: name.describe('What is released; part of every key, so never changed.'),
  title: words.describe('How people call the service.'),
  mode: oneOf(['act', 'observe'])
    .prefault('act')
    .describe(
      'Whether Slipway drives releases, or only observes those of somebody else and says what it would have done.',
    ),
  image: text(
    /^[^\s{}]*\{version\}[^\s{}]*$/,
    'expected an image with {version} once, such as registry.example.com/app:{version}',
  ).describe('Image with {version} where the version goes.'),
  slack: z
    .strictObject({
      channel: text(
        /^(#[^\s#A-Z]{1,80}|[CG][A-Z0-9]{2,20})$/,
        'expected a channel such as "#releases" (in quotes) or its id such as C012AB3CD',
      ).describe('The one channel where releases are run.'),
      timeout: duration.prefault('5s').describe('Time limit of one call to Slack.'),
    })
    .describe('Slack.'),
  pagerduty: z
    .strictObject({
      servicePage: url.describe("Address of the service in PagerDuty; an incident's link when there is no API token."),
      timeout: duration.prefault('5s').describe('Time limit of one call to PagerDuty.'),
    })
    .describe('PagerDuty.'),
  prometheus: z
    .strictObject({
      url: url.describe('Address of Prometheus. SLIPWAY_PROMETHEUS_URL overrides it.'),
      timeout: duration.prefault('3s').describe('Time limit of one query, at most release.interval.'),
    })
    .describe('Prometheus.'),
  alertmanager: z
    .strictObject({
      alerts: z
        .array(
          z.strictObject({
            title: words.describe('How people call it.'),
            labels: z
              .record(z.string(), words)
              .refine((labels) => Object.keys(labels).length > 0, { error: 'expected at least one label' })
              .describe('An alert counts when it has all of these labels.'),
          }),
        )
        .min(1, { error: 'expected at least one alert' })
        .describe('Which alerts are a confirmed breach while the canary has traffic.'),
    })
    .exactOptional()
    .describe("Alertmanager's webhook. Needs SLIPWAY_ALERTMANAGER_TOKEN."),
  cluster: cluster.describe('What Slipway changes on the cluster.'),
  roles: z
    .record(z.string(), role.describe('One role.'))
    .describe('Who signs off. The keys are the names that phases use.'),
  permissions: permissions
    .prefault({})
    .describe(
      'Who may use which command: members (everybody in the channel but guests), any-role, or a list of roles.',
    ),
  pointsOfNoReturn: pointsOfNoReturn
    .prefault([])
    .describe('Versions after which a rollback does not undo everything, and who signs for that.'),
  freezes: freezes.prefault([]).describe('Windows in which nothing starts or moves forward. A rollback is never held.'),
  readiness: readiness.prefault({}).describe('The readiness check.'),
  record: record.prefault({}).describe('The record of who did what.'),
  release: release.describe('What a rollout freezes when it starts.'),
}

/** From the notation of deployment-config.yaml to `Config`. What one key can't tell alone is in cross-checks.ts. */
export const configSchema: z.ZodType<Config> = z.strictObject(configFields)
