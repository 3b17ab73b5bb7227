import { type Arguments, textOf } from './arguments.ts'
import { type Refusal, refusal } from './refusal.ts'

/** A user group of the workspace. */
export interface UserGroup {
  /** `S0…` */
  readonly id: string
  /** What stands after the @. */
  readonly handle: string
  readonly name: string
  /** Slack user ids. */
  readonly users: readonly string[]
  /** Switched off: it is listed only when asked for. Default: no. */
  readonly disabled?: boolean
}

/** Free workspaces have no user groups. */
export type WorkspacePlan = 'free' | 'paid'

const wants = (args: Arguments, name: string) => ['true', '1'].includes(textOf(args, name) ?? '')

/**
 * Answers `usergroups.list` and `usergroups.users.list`, which the local workspace does not have; null for other methods
 * (docs.slack.dev/reference/methods/usergroups.list, …/usergroups.users.list).
 */
export function answerUserGroups(
  method: string,
  args: Arguments,
  groups: readonly UserGroup[],
  plan: WorkspacePlan,
): Refusal | { readonly body: object } | null {
  if (method !== 'usergroups.list' && method !== 'usergroups.users.list') return null
  if (plan === 'free') return refusal('plan_upgrade_required')
  const shown = groups.filter(({ disabled = false }) => !disabled || wants(args, 'include_disabled'))
  if (method === 'usergroups.list') {
    const usergroups = shown.map((group) => resource(group, args))
    return { body: { ok: true, usergroups } }
  }
  const found = shown.find(({ id }) => id === textOf(args, 'usergroup'))
  return found === undefined ? refusal('no_such_subteam') : { body: { ok: true, users: found.users } }
}

function resource({ id, handle, name, users, disabled = false }: UserGroup, args: Arguments) {
  return {
    id,
    is_usergroup: true,
    is_subteam: true,
    handle,
    name,
    description: '',
    is_external: false,
    date_delete: disabled ? 1 : 0,
    ...(wants(args, 'include_users') && { users }),
    ...(wants(args, 'include_count') && { user_count: users.length }),
  }
}
