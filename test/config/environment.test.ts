import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { loadEnvironment } from '../../src/config/environment.ts'
import type { Variables } from '../../src/config/environment-variables.ts'
import { SlipwayError } from '../../src/errors.ts'

const folder = mkdtempSync(join(tmpdir(), 'slipway-environment-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A mounted file with this content. */
function mounted(name: string, content: string): string {
  const file = join(folder, name)
  writeFileSync(file, content)
  return file
}

const least = { SLACK_BOT_TOKEN: 'xoxb-bot', SLACK_APP_TOKEN: 'xapp-app', PAGERDUTY_ROUTING_KEY: 'routing' }
const http = { ...least, SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: 'signing', SLIPWAY_SLACK_PORT: '3000' }

function errorOf(variables: Variables): SlipwayError {
  try {
    loadEnvironment(variables)
  } catch (error) {
    if (error instanceof SlipwayError) return error
    throw error
  }
  throw new Error('the environment was accepted')
}

function mistakesOf(variables: Variables): readonly string[] {
  const error = errorOf(variables)
  if (!('mistakes' in error.detail)) throw error
  expect(error.code).toBe('environment-invalid')
  return error.detail.mistakes.split('\n')
}

describe('a good environment', () => {
  it('needs little: the rest has defaults', () => {
    const environment = loadEnvironment(least)
    expect(environment.slack.botToken.reveal()).toBe('xoxb-bot')
    expect(environment.slack.connection).toMatchObject({ kind: 'socket' })
    expect(environment.redisUrl.reveal()).toBe('redis://127.0.0.1:6379')
    expect(environment.pagerduty.routingKey.reveal()).toBe('routing')
    expect(environment).toMatchObject({ logLevel: 'info', httpPort: 8080, slackPace: 1 })
    expect(Object.keys(environment.pagerduty)).toEqual(['routingKey'])
    expect(environment).not.toHaveProperty('prometheusUrl')
  })

  it('takes everything', () => {
    const environment = loadEnvironment({
      ...http,
      SLACK_API_URL: 'http://127.0.0.1:4000/api/',
      SLIPWAY_SLACK_PACE: '5',
      SLIPWAY_REDIS_URL: 'rediss://:p4ss@redis:6380',
      PAGERDUTY_API_TOKEN: 'rest',
      PAGERDUTY_EVENTS_HOST: 'localhost:4001',
      PAGERDUTY_API_HOST: 'localhost:4002',
      SLIPWAY_PROMETHEUS_URL: 'http://localhost:9090',
      SLIPWAY_LOG_LEVEL: 'debug',
      SLIPWAY_HTTP_PORT: '9000',
    })
    expect(environment).toMatchObject({
      slack: { apiUrl: 'http://127.0.0.1:4000/api/', connection: { kind: 'http', port: 3000 } },
      pagerduty: { eventsHost: 'localhost:4001', apiHost: 'localhost:4002' },
      prometheusUrl: 'http://localhost:9090',
      slackPace: 5,
      logLevel: 'debug',
      httpPort: 9000,
    })
    const { connection } = environment.slack
    expect(connection.kind === 'http' && connection.signingSecret.reveal()).toBe('signing')
    expect(environment.redisUrl.reveal()).toBe('rediss://:p4ss@redis:6380')
    expect(environment.pagerduty.apiToken?.reveal()).toBe('rest')
  })

  it('reads secrets from mounted files, without the line end', () => {
    const { SLACK_BOT_TOKEN: _token, ...rest } = least
    const environment = loadEnvironment({ ...rest, SLACK_BOT_TOKEN_FILE: mounted('bot', 'xoxb-mounted\n') })
    expect(environment.slack.botToken.reveal()).toBe('xoxb-mounted')
  })

  it('is frozen', () => {
    const environment = loadEnvironment(least)
    expect([environment, environment.slack, environment.slack.connection].every(Object.isFrozen)).toBe(true)
  })
})

describe('mistakes', () => {
  it('are told all at once', () => {
    expect(mistakesOf({ SLIPWAY_HTTP_PORT: '0', SLIPWAY_LOG_LEVEL: 'loud' })).toEqual([
      'SLACK_BOT_TOKEN is missing, expected the bot token (xoxb-…)',
      'PAGERDUTY_ROUTING_KEY is missing, expected the routing key of an Events API v2 integration',
      'SLIPWAY_LOG_LEVEL is wrong, expected trace, debug, info, warn, error or fatal',
      'SLIPWAY_HTTP_PORT is wrong, expected a port from 1 to 65535',
      'SLACK_APP_TOKEN is missing, expected it (Socket Mode), or SLACK_SIGNING_SECRET and SLIPWAY_SLACK_PORT (HTTP mode)',
    ])
  })

  it.each<[Variables, string]>([
    [{ ...least, SLACK_BOT_TOKEN: 'xapp-app' }, 'SLACK_BOT_TOKEN is wrong, expected the bot token (xoxb-…)'],
    [{ ...least, SLACK_APP_TOKEN: 'xoxb-b' }, 'SLACK_APP_TOKEN is wrong, expected the app-level token (xapp-…)'],
    [
      { ...least, SLIPWAY_REDIS_URL: 'http://x' },
      'SLIPWAY_REDIS_URL is wrong, expected redis://host:port or rediss://host:port, or redis+sentinel://host:port,host:port/name (or rediss+sentinel), user and password percent-encoded',
    ],
    [
      { ...least, SLACK_API_URL: 'http://127.0.0.1:4000/api/', SLIPWAY_SLACK_PACE: '0' },
      'SLIPWAY_SLACK_PACE is wrong, expected a whole number from 1 to 99',
    ],
    [
      { ...least, SLIPWAY_SLACK_PACE: '5' },
      'SLACK_API_URL is missing, expected it beside SLIPWAY_SLACK_PACE: Slack itself takes no more',
    ],
    [{ ...least, PAGERDUTY_API_HOST: 'localhost' }, 'PAGERDUTY_API_HOST is wrong, expected host:port'],
    [
      { ...least, SLIPWAY_PROMETHEUS_URL: 'http://u:p@x' },
      'SLIPWAY_PROMETHEUS_URL is wrong, expected an address that starts with http:// or https:// and has no user and password',
    ],
    [{ ...least, SLIPWAY_HTTP_PORT: '65536' }, 'SLIPWAY_HTTP_PORT is wrong, expected a port from 1 to 65535'],
    [
      { ...http, SLACK_SIGNING_SECRET: '' },
      'SLACK_SIGNING_SECRET is missing, expected it beside SLIPWAY_SLACK_PORT (HTTP mode)',
    ],
    [
      { ...http, SLACK_SIGNING_SECRET: '"signing"' },
      "SLACK_SIGNING_SECRET is wrong, expected the app's signing secret, without quotes",
    ],
    [
      { ...http, SLIPWAY_SLACK_PORT: '' },
      'SLIPWAY_SLACK_PORT is missing, expected it beside SLACK_SIGNING_SECRET (HTTP mode)',
    ],
    [
      { ...http, SLACK_APP_TOKEN: 'xapp-app' },
      'SLACK_APP_TOKEN (Socket Mode) and SLIPWAY_SLACK_PORT (HTTP mode) are both set, expected one of them',
    ],
    [
      { ...http, SLIPWAY_SLACK_PORT: '8080' },
      'SLIPWAY_SLACK_PORT is the same as SLIPWAY_HTTP_PORT, expected another port',
    ],
    [
      { ...least, SLACK_APP_TOKEN_FILE: '/x' },
      'SLACK_APP_TOKEN and SLACK_APP_TOKEN_FILE are both set, expected one of them',
    ],
    [
      { ...least, PAGERDUTY_API_TOKEN_FILE: '/none/x' },
      "PAGERDUTY_API_TOKEN_FILE: the file can't be read (ENOENT), expected a mounted file",
    ],
    [
      { ...least, SLACK_BOT_TOKEN: '', SLACK_BOT_TOKEN_FILE: mounted('empty', '\n') },
      'SLACK_BOT_TOKEN_FILE: the file is empty, expected the secret in it',
    ],
  ])('%#', (variables, expected) => expect(mistakesOf(variables)).toEqual([expected]))
})

describe('values never show', () => {
  const marked = 'SENSITIVE'

  it('in mistakes, whatever is wrong', () => {
    const names = ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN', 'SLACK_SIGNING_SECRET', 'SLIPWAY_REDIS_URL']
    const others = ['PAGERDUTY_ROUTING_KEY', 'PAGERDUTY_API_TOKEN', 'SLIPWAY_PROMETHEUS_URL', 'SLIPWAY_LOG_LEVEL']
    const wrong = Object.fromEntries([...names, ...others].map((name) => [name, `${marked} ${name}`]))
    const error = errorOf({ ...wrong, SLACK_BOT_TOKEN_FILE: `/none/${marked}` })
    expect(inspect(error, { depth: 9 }) + JSON.stringify(error)).not.toContain(marked)
  })

  it('in mistakes, where it is the password of Redis that breaks its address', () => {
    const error = errorOf({ ...least, SLIPWAY_REDIS_URL: `redis://:a/${marked}@h:1` })
    expect(error.code).toBe('environment-invalid')
    expect(inspect(error, { depth: 9 }) + JSON.stringify(error)).not.toContain(marked)
  })

  it('in the environment printed or serialised', () => {
    const environment = loadEnvironment({
      SLACK_BOT_TOKEN: `xoxb-${marked}`,
      SLACK_APP_TOKEN: `xapp-${marked}`,
      PAGERDUTY_ROUTING_KEY: marked,
      PAGERDUTY_API_TOKEN: marked,
      SLIPWAY_REDIS_URL: `redis://:${marked}@redis`,
    })
    expect(inspect(environment, { depth: 9 }) + JSON.stringify(environment)).not.toContain(marked)
    expect(JSON.stringify(environment)).toContain('[secret]')
  })
})
