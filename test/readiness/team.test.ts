import { beforeEach, describe, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import type { FreezeWindow } from '../../src/rollout/freeze.ts'
import { createExamined, type Examined } from './examine.ts'

let examined: Examined
beforeEach(() => {
  examined = createExamined()
})

describe('signers', () => {
  const gone = (...ids: readonly string[]) => {
    for (const id of ids) examined.world.people.gone.add(id)
  }

  test('pass when everybody is there', async () => {
    expect(await examined.examine('signers')).toMatchObject({ result: 'pass', found: '5 people' })
  })

  test('block on a role that nobody holds any more', async () => {
    gone('U000SRE')
    expect(await examined.examine('signers')).toMatchObject({
      result: 'block',
      found: 'nobody holds sre',
      details: ['U000SRE is no active full member of this workspace'],
    })
  })

  test('block on a role whose schedule finds nobody in Slack, and say how it is held', async () => {
    const { roles } = examined.world.config
    const sre = { title: 'SRE', users: [], groups: [], schedule: 'PNIGHT' }
    Object.assign(examined.world, { config: { ...examined.world.config, roles: { ...roles, sre } } })
    expect(await examined.examine('signers')).toMatchObject({
      result: 'block',
      found: 'nobody holds sre',
      mend: expect.stringContaining('the e-mail that PagerDuty shows of them'),
    })
  })

  test('block on a user group that there is not, and name it', async () => {
    examined.world.people.failing = new SlipwayError('user-group-unknown', { role: 'sre', group: '@on-duty' })
    const found = expect.stringContaining('@on-duty')
    expect(await examined.examine('signers')).toMatchObject({ result: 'block', ran: true, found })
  })

  test('block where roles are held by groups and the workspace has none', async () => {
    examined.world.people.failing = new SlipwayError('user-groups-missing', {})
    expect(await examined.examine('signers')).toMatchObject({ result: 'block', ran: true })
  })

  test('block where one person would have to sign twice', async () => {
    const { roles } = examined.world.config
    const sre = { title: 'SRE', users: ['U000SRE', 'U000COMMANDER'], groups: [] }
    Object.assign(examined.world, { config: { ...examined.world.config, roles: { ...roles, sre } } })
    gone('U000SRE')
    expect(await examined.examine('signers')).toMatchObject({
      result: 'block',
      found: expect.stringMatching(/^not enough different people for Canary start \((commander|sre)\)$/),
    })
  })

  test('block where everybody who may ask has to sign, in a phase that does not let them', async () => {
    const { permissions } = examined.world.config
    const permit = (advance: readonly string[] | 'members') =>
      Object.assign(examined.world, {
        config: { ...examined.world.config, permissions: { ...permissions, advance } },
      })
    permit(['commander', 'quality-lead'])
    expect(await examined.examine('signers')).toMatchObject({
      result: 'block',
      found: 'everybody who may ask has to sign: Full switch',
      mend: expect.stringContaining('permissions.advance'),
    })
    permit(['commander', 'quality-lead', 'sre'])
    expect(await examined.examine('signers')).toMatchObject({ result: 'pass' })
    permit('members')
    expect(await examined.examine('signers')).toMatchObject({ result: 'pass' })
  })

  test('warn of somebody who has left where others can sign', async () => {
    const { roles } = examined.world.config
    const sre = { title: 'SRE', users: ['U000SRE', 'U000OTHER'], groups: [] }
    Object.assign(examined.world, { config: { ...examined.world.config, roles: { ...roles, sre } } })
    gone('U000OTHER')
    expect(await examined.examine('signers')).toMatchObject({ result: 'warn', found: 'not there: U000OTHER' })
  })

  test('block when Slack is away', async () => {
    examined.world.people.failing = new SlipwayError('people-unknown', { method: 'users.info' })
    expect(await examined.examine('signers')).toMatchObject({ result: 'block', ran: false })
  })
})

describe('bot-in-channel', () => {
  test('passes in the channel', async () => {
    expect(await examined.examine('bot-in-channel')).toMatchObject({ result: 'pass' })
  })

  test.each(['unknown', 'not a member'] as const)('blocks when the channel is %s', async (error) => {
    const channel = async () => Promise.reject(new SlipwayError('slack-channel', { channel: '#x', error }))
    examined.outside = { ...examined.outside, channel }
    expect(await examined.examine('bot-in-channel')).toMatchObject({
      result: 'block',
      ran: true,
      mend: expect.any(String),
    })
  })

  test('blocks when Slack is away', async () => {
    const channel = async () => Promise.reject(new SlipwayError('slack-unreachable', { method: 'conversations.list' }))
    examined.outside = { ...examined.outside, channel }
    expect(await examined.examine('bot-in-channel')).toMatchObject({ result: 'block', ran: false })
  })
})

describe('on-call', () => {
  test('passes with the names', async () => {
    examined.outside = { ...examined.outside, onCall: async () => ['On-call SRE', 'Second line'] }
    expect(await examined.examine('on-call')).toMatchObject({ result: 'pass', found: 'On-call SRE, Second line' })
  })

  test('blocks when nobody is', async () => {
    examined.outside = { ...examined.outside, onCall: async () => [] }
    expect(await examined.examine('on-call')).toMatchObject({ result: 'block', found: 'nobody' })
  })

  test('blocks when PagerDuty is away', async () => {
    const onCall = async () => Promise.reject(new SlipwayError('paging-unreachable', {}))
    examined.outside = { ...examined.outside, onCall }
    expect(await examined.examine('on-call')).toMatchObject({ result: 'block', ran: false })
  })

  test('is off without a token that may ask', async () => {
    const { onCall: _, ...rest } = examined.outside
    examined.outside = rest
    await expect(examined.examine('on-call')).rejects.toThrow('is off: there is no PAGERDUTY_API_TOKEN')
  })
})

describe('confluence', () => {
  const settings = { url: 'https://example.atlassian.net/wiki', space: 'REL' }

  test.each([
    [true, 'pass'],
    [false, 'warn'],
    [null, 'warn'],
  ] as const)('that may be written: %s → %s', async (may, result) => {
    examined.outside = { ...examined.outside, mayWriteSpace: async () => may }
    expect(await examined.examine('confluence', settings)).toMatchObject({ result, ran: true })
  })

  test('blocks when it is away', async () => {
    const mayWriteSpace = async () => Promise.reject(new SlipwayError('address-unreachable', { url: 'https://x' }))
    examined.outside = { ...examined.outside, mayWriteSpace }
    expect(await examined.examine('confluence', settings)).toMatchObject({ result: 'block', ran: false })
  })
})

describe('freeze', () => {
  const hour = 3_600_000
  const frozen = (title: string, from: number, to: number): FreezeWindow => {
    const { time } = examined.world
    return { title, zone: 'UTC', every: 'dated', from: time + from, to: time + to }
  }
  const withFreezes = (...freezes: readonly FreezeWindow[]) => {
    Object.assign(examined.world, { config: { ...examined.world.config, freezes } })
  }

  test('passes when the release is through before the next one', async () => {
    withFreezes(frozen('Past', -hour, 0), frozen('Weekend', 2 * hour + 1, 3 * hour))
    expect(await examined.examine('freeze')).toMatchObject({
      result: 'pass',
      expected: 'none now, or within 2 h, which its soaks take',
    })
  })

  test('warns in one, with its end', async () => {
    withFreezes(frozen('Year end', -hour, hour))
    expect(await examined.examine('freeze')).toMatchObject({
      result: 'warn',
      found: 'Year end, until Thu, 1 Jan 1970, 01:16 (UTC)',
    })
  })

  test('warns when one begins before the release can be through, with both ends', async () => {
    withFreezes(frozen('Weekend', 2 * hour, 5 * hour))
    expect(await examined.examine('freeze')).toMatchObject({
      result: 'warn',
      found: 'Weekend, from Thu, 1 Jan 1970, 02:16 (UTC) until Thu, 1 Jan 1970, 05:16 (UTC)',
    })
  })

  test('is off without freezes', async () => {
    await expect(examined.examine('freeze')).rejects.toThrow('is off: no freezes are configured')
  })
})
