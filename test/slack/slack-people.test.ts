import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { Secret } from '../../src/config/secret.ts'
import { SlipwayError } from '../../src/errors.ts'
import type { People, Person } from '../../src/jobs/ports.ts'
import { emailOf, slackApp, userOf } from '../../src/sandbox/slack-workspace.ts'
import { createClient } from '../../src/slack/app.ts'
import { createSlackPeople } from '../../src/slack/slack-people.ts'
import { type Strict, startStrict } from '../sandbox/strict-slack/strict.ts'

const [sre, commander] = [userOf('sre'), userOf('commander')]
const roles = {
  named: { title: 'Named', users: [sre], groups: [] },
  'by-handle': { title: 'By handle', users: [], groups: ['@sre'] },
  'by-id': { title: 'By id', users: [], groups: ['S0COMMANDER'] },
  both: { title: 'Both', users: [commander], groups: ['@sre'] },
  gone: { title: 'Gone', users: [sre], groups: ['@nobody'] },
  'every-way': { title: 'Every way', users: [commander], groups: ['@sre'], schedule: 'PNIGHT' },
  'on-call': { title: 'On call', users: [], groups: [], schedule: 'PNIGHT' },
}
const group = (handle: string, users: readonly string[]) => ({
  id: `S0${handle.toUpperCase()}`,
  handle,
  name: handle,
  users,
})

/** Who is on call, and for what PagerDuty was asked. */
const shift = {
  people: [] as readonly Person[],
  failing: null as Error | null,
  questions: [] as string[],
  async asked(what: string): Promise<readonly Person[]> {
    shift.questions.push(what)
    if (shift.failing !== null) throw shift.failing
    return shift.people
  },
}

let strict: Strict
let people: People
beforeAll(async () => {
  strict = await startStrict()
})
beforeEach(() => {
  strict.time += 3_600_000
  strict.slack.setFault(null)
  strict.slack.plan = 'paid'
  strict.slack.profiles.clear()
  Object.assign(shift, { people: [{ name: 'SRE', email: emailOf('sre') }], failing: null, questions: [] })
  strict.slack.userGroups = [group('sre', [sre]), group('commander', [commander])]
  const environment = { botToken: new Secret(slackApp.botToken), apiUrl: strict.slack.apiUrl }
  const clock = { ...systemClock, now: () => strict.time }
  const pagerduty = { forService: () => shift.asked('service'), onSchedule: (id: string) => shift.asked(id) }
  people = createSlackPeople(createClient(environment, 20_000), roles, clock, pagerduty)
})
afterAll(() => strict.stop())

describe('who holds a role', () => {
  test('is who is named, and who is in one of its groups, by handle or id', async () => {
    const before = strict.slack.refused.length
    expect(await people.rolesOf(sre, ['named', 'by-handle', 'by-id', 'both'])).toEqual(['named', 'by-handle', 'both'])
    expect(await people.rolesOf(commander, ['named', 'by-handle', 'by-id', 'both'])).toEqual(['by-id', 'both'])
    expect(await people.holdersOf(['both', 'by-id'])).toEqual({ both: [commander, sre], 'by-id': [commander] })
    expect(strict.slack.refused.slice(before)).toEqual([])
  })

  test.each([
    ['a guest of many channels', { is_restricted: true }],
    ['a guest of one channel', { is_restricted: true, is_ultra_restricted: true }],
    ['a bot', { is_bot: true }],
    ['somebody who has left', { deleted: true }],
    ['somebody of another workspace', { team_id: 'T0OTHER' }],
    ['a stranger in a shared channel', { is_stranger: true }],
  ])('is never %s', async (_, profile) => {
    strict.slack.profiles.set(sre, profile)
    expect(await people.rolesOf(sre, ['named', 'by-handle'])).toEqual([])
    expect(await people.holdersOf(['both'])).toEqual({ both: [commander] })
  })

  test('may be somebody of another workspace of the same organisation who is a member here too', async () => {
    strict.slack.profiles.set(sre, { team_id: 'T0OTHER', enterprise_user: { teams: ['T0SANDBOX'] } })
    expect(await people.rolesOf(sre, ['named'])).toEqual(['named'])
  })

  test('is nobody whom the workspace does not know', async () => {
    strict.slack.userGroups = [group('sre', ['U0UNKNOWN', sre])]
    expect(await people.holdersOf(['by-handle'])).toEqual({ 'by-handle': [sre] })
  })

  test('is looked up again after a minute, and not before', async () => {
    expect(await people.rolesOf(commander, ['by-handle'])).toEqual([])
    strict.slack.userGroups = [group('sre', [commander])]
    strict.time += 59_999
    expect(await people.rolesOf(commander, ['by-handle'])).toEqual([])
    strict.time += 1
    expect(await people.rolesOf(commander, ['by-handle'])).toEqual(['by-handle'])
  })
})

describe('whoever is on call', () => {
  test('holds the role of the schedule, by e-mail, as long as they are', async () => {
    expect(await people.rolesOf(sre, ['on-call'])).toEqual(['on-call'])
    expect(await people.holdersOf(['on-call'])).toEqual({ 'on-call': [sre] })
    expect(await people.rolesOf(commander, ['on-call'])).toEqual([])
    expect(shift.questions).toEqual(['PNIGHT'])
    shift.people = [{ name: 'Commander', email: emailOf('commander') }]
    strict.time += 60_000
    expect(await people.rolesOf(sre, ['on-call'])).toEqual([])
    expect(await people.rolesOf(commander, ['on-call'])).toEqual(['on-call'])
  })

  test('holds nothing as a guest, with another e-mail, or with one that PagerDuty does not show', async () => {
    strict.slack.profiles.set(sre, { is_restricted: true })
    const others = [
      { name: 'Ann', email: 'ann@example.com' },
      { name: 'Bo', email: null },
    ]
    shift.people = [...shift.people, ...others]
    expect(await people.holdersOf(['on-call'])).toEqual({ 'on-call': [] })
  })

  test.each([
    ['no e-mail', null],
    ['an e-mail that Slack does not know', 'ann@example.com'],
  ])('with %s holds nothing, and leaves the role to those who hold it by name or group', async (_, email) => {
    shift.people = [{ name: 'Ann', email }]
    expect(await people.holdersOf(['on-call', 'every-way'])).toEqual({ 'on-call': [], 'every-way': [commander, sre] })
    expect(await people.rolesOf(sre, ['on-call', 'every-way'])).toEqual(['every-way'])
    expect(await people.isOnCall(sre)).toBe(false)
  })

  test('for the service is known, member or guest', async () => {
    strict.slack.profiles.set(sre, { is_restricted: true })
    expect(await people.isMember(sre)).toBe(false)
    expect(await people.isOnCall(sre)).toBe(true)
    expect(await people.isOnCall(commander)).toBe(false)
    expect(shift.questions).toEqual(['service'])
  })

  test('is not guessed while PagerDuty does not say, or refuses to', async () => {
    shift.failing = new SlipwayError('paging-unreachable', { after: 5_000 })
    const detail = { method: 'oncalls', of: 'PagerDuty', after: 5_000 }
    await expect(people.rolesOf(sre, ['on-call'])).rejects.toMatchObject({ code: 'people-unknown', detail })
    strict.time += 60_000
    shift.failing = new SlipwayError('paging-refused', { status: 401 })
    const refused = { code: 'people-refused', message: expect.stringContaining('PagerDuty refuses') }
    await expect(people.isOnCall(sre)).rejects.toMatchObject(refused)
  })

  test('needs the scope for e-mails', async () => {
    strict.slack.scopes.bot.delete('users:read.email')
    const refused = { code: 'people-refused', detail: { error: 'missing_scope (users:read.email)' } }
    await expect(people.rolesOf(sre, ['on-call'])).rejects.toMatchObject(refused)
    strict.slack.scopes.bot.add('users:read.email')
  })
})

describe('when it can’t be looked up', () => {
  test('nothing is guessed, also from what was known over a minute ago', async () => {
    await people.rolesOf(sre, ['by-handle'])
    strict.slack.setFault('failing')
    expect(await people.rolesOf(sre, ['by-handle'])).toEqual(['by-handle'])
    strict.time += 60_000
    await expect(people.rolesOf(sre, ['by-handle'])).rejects.toMatchObject({ code: 'people-unknown' })
    strict.slack.setFault(null)
    expect(await people.rolesOf(sre, ['by-handle'])).toEqual(['by-handle'])
  })

  test('a pause that Slack asks for is kept to', async () => {
    strict.slack.setFault('throttled')
    const throttled = { code: 'people-unknown', detail: { method: 'usergroups.list', after: 2_000 } }
    await expect(people.rolesOf(sre, ['by-handle'])).rejects.toMatchObject(throttled)
    strict.slack.setFault(null)
    strict.time += 1_999
    await expect(people.rolesOf(sre, ['by-handle'])).rejects.toMatchObject(throttled)
    strict.time += 1
    expect(await people.rolesOf(sre, ['by-handle'])).toEqual(['by-handle'])
  })

  test('an answer that can’t be read says nothing', async () => {
    strict.slack.setFault('nonsense')
    await expect(people.rolesOf(sre, ['by-handle'])).rejects.toMatchObject({ code: 'people-unknown' })
  })

  test('a workspace without user groups is told to name people, whose roles work', async () => {
    strict.slack.plan = 'free'
    await expect(people.rolesOf(sre, ['by-handle'])).rejects.toMatchObject({ code: 'user-groups-missing' })
    expect(await people.rolesOf(sre, ['named', 'gone'])).toEqual(['named', 'gone'])
  })

  test('a group that is not there, or switched off, is named', async () => {
    const detail = { role: 'gone', group: '@nobody' }
    await expect(people.rolesOf(commander, ['gone'])).rejects.toMatchObject({ code: 'user-group-unknown', detail })
    strict.time += 60_000
    strict.slack.userGroups = [{ ...group('sre', [sre]), disabled: true }]
    await expect(people.rolesOf(sre, ['by-handle'])).rejects.toMatchObject({ code: 'user-group-unknown' })
  })
})
