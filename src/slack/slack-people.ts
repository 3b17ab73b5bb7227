import type { WebClient } from '@slack/web-api'
import { z } from 'zod'
import type { RoleConfig } from '../config/config.ts'
import { SlipwayError } from '../errors.ts'
import type { Clock, OnCall, People } from '../jobs/ports.ts'
import type { Role } from '../rollout/plan.ts'
import { call } from './messenger.ts'
import { createOnCallIds } from './on-call-ids.ts'
import { remember } from './remembered.ts'

/** How long an answer of Slack about people counts, in ms: at most a minute, and no method is asked more often than Slack allows. */
const lasts = 60_000

const team = z.object({ team_id: z.string() })
const groups = z.object({
  usergroups: z.array(z.object({ id: z.string(), handle: z.string(), users: z.array(z.string()).default([]) })),
})
const flag = z.boolean().default(false)
const person = z.object({
  user: z.object({
    team_id: z.string(),
    name: z.string().default(''),
    deleted: flag,
    is_bot: flag,
    is_restricted: flag,
    is_ultra_restricted: flag,
    is_stranger: flag,
    enterprise_user: z.object({ teams: z.array(z.string()).default([]) }).optional(),
  }),
})

const known = z.object({ user: z.object({ id: z.string() }) })

/** Slack's words for somebody who is not, or no longer, one of the workspace. */
const nobody = new Set(['user_not_found', 'users_not_found', 'user_not_visible'])

/**
 * Who holds which role, by the configuration, by what Slack says about user groups and people, and by what PagerDuty says about who is
 * on call: one call for all groups, one for each person and schedule, each remembered for a minute.
 */
export function createSlackPeople(
  client: WebClient,
  roles: Readonly<Record<Role, RoleConfig>>,
  clock: Clock,
  onCall: OnCall | null = null,
): People {
  const ownTeam = remember(clock, lasts, async () => {
    return (await lookUp('auth.test', team, () => client.auth.test())).team_id
  })
  const userGroups = remember(clock, lasts, async () => {
    return (await lookUp('usergroups.list', groups, () => client.usergroups.list({ include_users: true }))).usergroups
  })
  const people = remember(clock, lasts, async (user) => {
    try {
      const answer = await lookUp('users.info', person, () => client.users.info({ user }))
      const { name, deleted, is_bot, is_restricted, is_ultra_restricted, is_stranger } = answer.user
      const { team_id, enterprise_user } = answer.user
      const isOutside = deleted || is_bot || is_restricted || is_ultra_restricted || is_stranger
      const isOwn = async () => [team_id, ...(enterprise_user?.teams ?? [])].includes(await ownTeam.get(''))
      return { name: name || user, isMember: !isOutside && (await isOwn()) }
    } catch (error) {
      if (isNobody(error)) return { name: user, isMember: false }
      throw error
    }
  })
  const isMember = async (user: string) => (await people.get(user)).isMember

  /** Slack user ids by e-mail; null for whom the workspace does not know. */
  const byEmail = remember(clock, lasts, async (email) => {
    try {
      return (await lookUp('users.lookupByEmail', known, () => client.users.lookupByEmail({ email }))).user.id
    } catch (error) {
      if (isNobody(error)) return null
      throw error
    }
  })

  const onCallIds = createOnCallIds(onCall, (email) => byEmail.get(email), clock, lasts)

  /** Whoever is on call by a role's schedule. */
  async function bySchedule(schedule: string | undefined): Promise<readonly string[]> {
    return schedule === undefined ? [] : onCallIds.onSchedule(schedule)
  }

  /** Whoever the groups of a role hold. */
  async function inGroups(role: Role, wanted: readonly string[]): Promise<readonly string[]> {
    if (wanted.length === 0) return []
    const all = await userGroups.get('')
    return wanted.flatMap((group) => {
      const found = all.find(({ id, handle }) => group === id || group === `@${handle}`)
      if (found === undefined) throw new SlipwayError('user-group-unknown', { role, group })
      return found.users
    })
  }

  async function holds(user: string, role: Role): Promise<boolean> {
    const { users = [], groups: wanted = [], schedule } = roles[role] ?? {}
    const named =
      users.includes(user) ||
      (await inGroups(role, wanted)).includes(user) ||
      (await bySchedule(schedule)).includes(user)
    return named && (await isMember(user))
  }

  async function holdersOf(role: Role): Promise<readonly string[]> {
    const { users = [], groups: wanted = [], schedule } = roles[role] ?? {}
    const named = [...new Set([...users, ...(await inGroups(role, wanted)), ...(await bySchedule(schedule))])]
    const found = await Promise.all(named.map(async (user) => ((await isMember(user)) ? [user] : [])))
    return found.flat()
  }

  return {
    async rolesOf(user, among) {
      const found = await Promise.all(among.map(async (role) => ((await holds(user, role)) ? [role] : [])))
      return found.flat()
    },
    isMember,
    isOnCall: async (user) => (await onCallIds.forService()).includes(user),
    nameOf: async (user) => (await people.get(user)).name,
    async holdersOf(among) {
      return Object.fromEntries(await Promise.all(among.map(async (role) => [role, await holdersOf(role)] as const)))
    },
  }
}

function isNobody(error: unknown): boolean {
  return (
    error instanceof SlipwayError &&
    error.code === 'people-refused' &&
    'error' in error.detail &&
    nobody.has(error.detail.error)
  )
}

/** A call about people; what goes wrong says that it was about them. */
async function lookUp<T>(method: string, schema: z.ZodType<T>, run: () => Promise<unknown>): Promise<T> {
  try {
    return schema.parse(await call(method, run))
  } catch (cause) {
    // An answer that could not be read says nothing.
    if (!(cause instanceof SlipwayError)) throw new SlipwayError('people-unknown', { method }, { cause })
    const { code, detail } = cause
    if (code === 'slack-refused' && 'error' in detail) {
      const { error } = detail
      if (error === 'plan_upgrade_required') throw new SlipwayError('user-groups-missing', {}, { cause })
      throw new SlipwayError('people-refused', { method, error }, { cause })
    }
    const after = 'after' in detail && typeof detail.after === 'number' ? { after: detail.after } : {}
    throw new SlipwayError('people-unknown', { method, ...after }, { cause })
  }
}
