import { z } from 'zod'
import { oneOf, text, url } from './fields.ts'
import { parseRedisUrl } from './redis-url.ts'
import { Secret } from './secret.ts'

const secret = (pattern: RegExp, expected: string) => text(pattern, expected).transform((value) => new Secret(value))

const port = text(/^\d{1,5}$/, 'expected a port from 1 to 65535')
  .transform(Number)
  .refine((number) => number >= 1 && number <= 65_535, { error: 'expected a port from 1 to 65535' })

const hostAndPort = text(/^[A-Za-z0-9.-]+:\d{1,5}$/, 'expected host:port')

const redisForms =
  'expected redis://host:port or rediss://host:port, or redis+sentinel://host:port,host:port/name (or rediss+sentinel), user and password percent-encoded'

/** Every variable that Slipway reads; Kubernetes' own (`KUBECONFIG`) are read by its client. */
export const environmentSchema = z.object({
  SLACK_BOT_TOKEN: secret(/^xoxb-\S+$/, 'expected the bot token (xoxb-…)'),
  SLACK_APP_TOKEN: secret(/^xapp-\S+$/, 'expected the app-level token (xapp-…)').exactOptional(),
  SLACK_SIGNING_SECRET: secret(/^[^\s"']+$/, "expected the app's signing secret, without quotes").exactOptional(),
  SLIPWAY_SLACK_PORT: port.exactOptional(),
  SLACK_API_URL: url.exactOptional(),
  SLIPWAY_SLACK_PACE: text(/^[1-9]\d?$/, 'expected a whole number from 1 to 99')
    .transform(Number)
    .prefault('1'),
  SLIPWAY_REDIS_URL: z
    .string()
    .refine((value) => parseRedisUrl(value) !== null, { error: redisForms })
    .transform((value) => new Secret(value))
    .prefault('redis://127.0.0.1:6379'),
  PAGERDUTY_ROUTING_KEY: secret(/^\S+$/, 'expected the routing key of an Events API v2 integration'),
  PAGERDUTY_API_TOKEN: secret(/^\S+$/, 'expected a REST API token').exactOptional(),
  PAGERDUTY_EVENTS_HOST: hostAndPort.exactOptional(),
  PAGERDUTY_API_HOST: hostAndPort.exactOptional(),
  SLIPWAY_ALERTMANAGER_TOKEN: secret(
    /^\S{16,}$/,
    "expected a token of at least 16 characters, the same as in Alertmanager's http_config",
  ).exactOptional(),
  GRAFANA_TOKEN: secret(/^\S+$/, 'expected a token of a Grafana service account').exactOptional(),
  CONFLUENCE_CREDENTIALS: secret(/^[^\s:]+:\S+$/, 'expected user:token').exactOptional(),
  SLIPWAY_PROMETHEUS_URL: url.exactOptional(),
  AWS_ACCESS_KEY_ID: secret(/^\S+$/, 'expected the id of an access key').exactOptional(),
  AWS_SECRET_ACCESS_KEY: secret(/^\S+$/, 'expected a secret access key').exactOptional(),
  AWS_SESSION_TOKEN: secret(/^\S+$/, 'expected a session token').exactOptional(),
  SLIPWAY_REGISTRY_CREDENTIALS: secret(/^[^\s:]+:\S+$/, 'expected user:password').exactOptional(),
  SLIPWAY_LOG_LEVEL: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).prefault('info'),
  SLIPWAY_HTTP_PORT: port.prefault('8080'),
})
