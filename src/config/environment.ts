import type { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import { deepFreeze } from './deep-freeze.ts'
import { environmentSchema } from './environment-schema.ts'
import { type Resolved, resolveVariables, type Variables } from './environment-variables.ts'
import type { Secret } from './secret.ts'

/** How Slack reaches Slipway: over a socket that Slipway opens, or by signed requests to a port. */
export type SlackConnection =
  | { readonly kind: 'socket'; readonly appToken: Secret }
  | { readonly kind: 'http'; readonly signingSecret: Secret; readonly port: number }

/** What comes from the environment or mounted files, parsed once and frozen. */
export interface Environment {
  readonly slack: {
    readonly botToken: Secret
    readonly connection: SlackConnection
    /** Instead of Slack's own, for the sandbox. */
    readonly apiUrl?: string
  }
  /** So many times as fast as Slack takes posts and edits, for the sandbox. */
  readonly slackPace: number
  /** May hold a password. */
  readonly redisUrl: Secret
  readonly pagerduty: {
    readonly routingKey: Secret
    /** With it an incident's own link is shown instead of the service's page. */
    readonly apiToken?: Secret
    /** `host:port` instead of PagerDuty's own. */
    readonly eventsHost?: string
    readonly apiHost?: string
  }
  /** What Alertmanager shows to the webhook. */
  readonly alertmanagerToken?: Secret
  /** The key of an object storage, for the record's sink. */
  readonly storage?: { readonly keyId: Secret; readonly key: Secret; readonly session?: Secret }
  readonly grafanaToken?: Secret
  /** `user:token` */
  readonly confluenceCredentials?: Secret
  /** Overrides `prometheus.url`. */
  readonly prometheusUrl?: string
  /** `user:password` for the image's registry. */
  readonly registryCredentials?: Secret
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'
  /** Port of health, metrics and Alertmanager's webhook. */
  readonly httpPort: number
}

type Parsed = z.output<typeof environmentSchema>

/** SLIPWAY_SLACK_PORT chooses the HTTP mode; the mode's own secret must be there, broken ones are told elsewhere. */
function modeMistakes({ values, broken }: Resolved): readonly string[] {
  const has = (name: string) => values[name] !== undefined || broken.has(name)
  if (has('SLIPWAY_SLACK_PORT')) {
    return [
      ...(has('SLACK_SIGNING_SECRET')
        ? []
        : ['SLACK_SIGNING_SECRET is missing, expected it beside SLIPWAY_SLACK_PORT (HTTP mode)']),
      ...(has('SLACK_APP_TOKEN')
        ? ['SLACK_APP_TOKEN (Socket Mode) and SLIPWAY_SLACK_PORT (HTTP mode) are both set, expected one of them']
        : []),
      ...(values.SLIPWAY_SLACK_PORT === (values.SLIPWAY_HTTP_PORT ?? '8080')
        ? ['SLIPWAY_SLACK_PORT is the same as SLIPWAY_HTTP_PORT, expected another port']
        : []),
    ]
  }
  if (has('SLACK_APP_TOKEN')) return []
  return has('SLACK_SIGNING_SECRET')
    ? ['SLIPWAY_SLACK_PORT is missing, expected it beside SLACK_SIGNING_SECRET (HTTP mode)']
    : [
        'SLACK_APP_TOKEN is missing, expected it (Socket Mode), or SLACK_SIGNING_SECRET and SLIPWAY_SLACK_PORT (HTTP mode)',
      ]
}

/** Slack itself would refuse what comes faster. */
function paceMistakes({ values }: Resolved): readonly string[] {
  return values.SLIPWAY_SLACK_PACE === undefined || values.SLACK_API_URL !== undefined
    ? []
    : ['SLACK_API_URL is missing, expected it beside SLIPWAY_SLACK_PACE: Slack itself takes no more']
}

function connectionOf(parsed: Parsed): SlackConnection | undefined {
  const { SLACK_APP_TOKEN: appToken, SLACK_SIGNING_SECRET: signingSecret, SLIPWAY_SLACK_PORT: port } = parsed
  if (signingSecret !== undefined && port !== undefined) return { kind: 'http', signingSecret, port }
  return appToken === undefined ? undefined : { kind: 'socket', appToken }
}

function environmentOf(parsed: Parsed, connection: SlackConnection): Environment {
  const { SLACK_API_URL, SLIPWAY_PROMETHEUS_URL, SLIPWAY_ALERTMANAGER_TOKEN } = parsed
  const { PAGERDUTY_API_TOKEN, PAGERDUTY_EVENTS_HOST, PAGERDUTY_API_HOST } = parsed
  const { AWS_ACCESS_KEY_ID: keyId, AWS_SECRET_ACCESS_KEY: key, AWS_SESSION_TOKEN: session } = parsed
  return deepFreeze({
    ...(keyId && key && { storage: { keyId, key, ...(session && { session }) } }),
    slack: { botToken: parsed.SLACK_BOT_TOKEN, connection, ...(SLACK_API_URL && { apiUrl: SLACK_API_URL }) },
    slackPace: parsed.SLIPWAY_SLACK_PACE,
    redisUrl: parsed.SLIPWAY_REDIS_URL,
    pagerduty: {
      routingKey: parsed.PAGERDUTY_ROUTING_KEY,
      ...(PAGERDUTY_API_TOKEN && { apiToken: PAGERDUTY_API_TOKEN }),
      ...(PAGERDUTY_EVENTS_HOST && { eventsHost: PAGERDUTY_EVENTS_HOST }),
      ...(PAGERDUTY_API_HOST && { apiHost: PAGERDUTY_API_HOST }),
    },
    ...(SLIPWAY_ALERTMANAGER_TOKEN && { alertmanagerToken: SLIPWAY_ALERTMANAGER_TOKEN }),
    ...(parsed.GRAFANA_TOKEN && { grafanaToken: parsed.GRAFANA_TOKEN }),
    ...(parsed.CONFLUENCE_CREDENTIALS && { confluenceCredentials: parsed.CONFLUENCE_CREDENTIALS }),
    ...(SLIPWAY_PROMETHEUS_URL && { prometheusUrl: SLIPWAY_PROMETHEUS_URL }),
    ...(parsed.SLIPWAY_REGISTRY_CREDENTIALS && { registryCredentials: parsed.SLIPWAY_REGISTRY_CREDENTIALS }),
    logLevel: parsed.SLIPWAY_LOG_LEVEL,
    httpPort: parsed.SLIPWAY_HTTP_PORT,
  })
}

/** Mistakes in the variables that a schema reads, by their names. */
function schemaMistakes(issues: readonly z.core.$ZodIssue[], { values, broken }: Resolved): readonly string[] {
  return issues
    .filter((issue) => !broken.has(String(issue.path[0])))
    .map((issue) => {
      const name = String(issue.path[0])
      return `${name} is ${values[name] === undefined ? 'missing' : 'wrong'}, ${issue.message}`
    })
}

/**
 * The environment; each secret may come from a file that `NAME_FILE` names instead.
 * @throws SlipwayError `environment-invalid` with every mistake at once, by the variables' names, never their values.
 */
export function loadEnvironment(variables: Variables): Environment {
  const resolved = resolveVariables(variables)
  const result = environmentSchema.safeParse(resolved.values)
  const inSchema = schemaMistakes(result.error?.issues ?? [], resolved)
  const mistakes = [...resolved.broken.values(), ...inSchema, ...modeMistakes(resolved), ...paceMistakes(resolved)]
  const connection = result.success ? connectionOf(result.data) : undefined
  if (mistakes.length > 0 || !result.success || connection === undefined) {
    throw new SlipwayError('environment-invalid', { mistakes: mistakes.join('\n') })
  }
  return environmentOf(result.data, connection)
}

/** The environment's variables of these names. @throws SlipwayError `environment-invalid`. */
function loadSome<T extends z.ZodType>(variables: Variables, schema: T, names: readonly string[]): z.output<T> {
  const resolved = resolveVariables(variables)
  const result = schema.safeParse(resolved.values)
  const broken = names.flatMap((name) => resolved.broken.get(name) ?? [])
  const mistakes = [...broken, ...schemaMistakes(result.error?.issues ?? [], resolved)]
  if (mistakes.length > 0 || !result.success)
    throw new SlipwayError('environment-invalid', { mistakes: mistakes.join('\n') })
  return result.data
}

/** Only where Redis is, for what needs nothing else. @throws SlipwayError `environment-invalid`. */
export function loadRedisUrl(variables: Variables): Secret {
  const schema = environmentSchema.pick({ SLIPWAY_REDIS_URL: true })
  return loadSome(variables, schema, ['SLIPWAY_REDIS_URL']).SLIPWAY_REDIS_URL
}

/** Only what reads from Slack; null without a token. @throws SlipwayError `environment-invalid`. */
export function loadBotToken(variables: Variables): Pick<Environment['slack'], 'botToken' | 'apiUrl'> | null {
  const schema = environmentSchema
    .pick({ SLACK_BOT_TOKEN: true, SLACK_API_URL: true })
    .partial({ SLACK_BOT_TOKEN: true })
  const found = loadSome(variables, schema, ['SLACK_BOT_TOKEN', 'SLACK_API_URL'])
  const { SLACK_BOT_TOKEN: botToken, SLACK_API_URL: apiUrl } = found
  return botToken === undefined ? null : { botToken, ...(apiUrl && { apiUrl }) }
}
