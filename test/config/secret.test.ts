import { format, inspect } from 'node:util'
import pino from 'pino'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/config/secret.ts'

const value = 'xoxb-do-not-show'
const secret = new Secret(value)

describe('a secret', () => {
  it('is revealed on demand', () => expect(secret.reveal()).toBe(value))

  it.each([
    ['a template', `${secret}`],
    ['String', String(secret)],
    ['JSON', JSON.stringify({ secret })],
    ['inspect', inspect({ secret }, { depth: 9, showHidden: true })],
    ['format', format('%s %o %O %j', secret, secret, secret, secret)],
    ['keys', JSON.stringify([Object.entries(secret), Object.getOwnPropertyNames(secret), { ...secret }])],
  ])('does not show in %s', (_how, text) => expect(text).not.toContain(value))

  it('is logged as [secret]', () => {
    const lines: string[] = []
    pino({}, { write: (line: string) => lines.push(line) }).info({ secret, deep: [{ secret }] }, 'hello')
    expect(lines.join()).toContain('"secret":"[secret]"')
    expect(lines.join()).not.toContain(value)
  })
})
