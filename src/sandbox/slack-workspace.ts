import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Config, RoleConfig } from '../config/config.ts'
import type { Role } from '../rollout/plan.ts'
import { type Child, onFreePort, startChild } from './child.ts'
import { freePort } from './free-port.ts'
import type { Keeper } from './keeper.ts'
import { manifestScopes } from './manifest-scopes.ts'
import { type StrictSlack, startStrictSlack } from './strict-slack/strict-slack.ts'
import { answers } from './until.ts'

/** The one app of the workspace: Slipway. Its tokens open nothing but the local workspace. */
export const slackApp = {
  appId: 'A0SLIPWAY',
  botUserId: 'U0SLIPWAY',
  botName: 'slipway',
  botToken: 'xoxb-sandbox',
  appToken: 'xapp-sandbox',
} as const

/** Id of the channel where releases are run. */
export const channelId = 'C0RELEASES'

/** Id of another channel with the same people, where no releases are run. */
export const generalId = 'C0GENERAL'

/** A member without a role. */
export const outsider = { id: 'U0DEVELOPER', name: 'developer', real_name: 'Developer' } as const

/** One Slack user a role. */
export const userOf = (role: Role): string => `U0${role.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')}`

/** E-mail of a user by their name. */
export const emailOf = (name: string): string => `${name}@example.com`

/** Id of the user group of those who hold a role. */
const userGroupOf = (role: Role): string => userOf(role).replace(/^U/, 'S')

/** A local Slack workspace with its web page; both are reached through what makes it as strict as Slack. */
export interface SlackWorkspace extends Child {
  /** The page. */
  readonly url: string
  readonly apiUrl: string
  /** The Web API as it is without the strict layer: for the sandbox's own messages, also while Slack is made unwell. */
  readonly lenientApiUrl: string
  readonly strict: StrictSlack
}

/**
 * Starts local-slack with one user and one user group a role, called by the role's title, and the configured channel; and the
 * strict layer before it, with the scopes of manifest.yml, that takes calls `pace` times as fast as Slack does.
 */
export async function startSlack(
  dir: string,
  config: { readonly slack: Config['slack']; readonly roles: Readonly<Record<Role, Pick<RoleConfig, 'title'>>> },
  keeper: Keeper,
  pace = 1,
): Promise<SlackWorkspace> {
  const people = Object.entries(config.roles).map(([role, { title }]) => ({
    id: userOf(role),
    name: role,
    real_name: title,
  }))
  const users = [...people, outsider].map((user) => ({ ...user, email: emailOf(user.name), tz: 'Etc/UTC' }))
  const members = [slackApp.botUserId, ...users.map((user) => user.id)]
  const { channel } = config.slack
  const file = join(dir, 'slack.yaml')
  const uploads = join(dir, 'slack-files')
  await mkdir(uploads, { recursive: true })
  await writeFile(
    file,
    stringify({
      workspace: { name: 'Slipway sandbox', domain: 'slipway-sandbox', teamId: 'T0SANDBOX' },
      apps: [{ ...slackApp, mode: 'socket' }],
      users,
      channels: [
        {
          id: channelId,
          name: channel.startsWith('#') ? channel.slice(1) : 'releases',
          members,
        },
        { id: generalId, name: 'general', members },
      ],
    }),
  )
  const local = await onFreePort(freePort, async (port) => {
    const url = `http://127.0.0.1:${port}`
    const child = await startChild(
      {
        command: localSlack(),
        args: ['--config', file, '--port', String(port), '--base-host', '127.0.0.1', '--files-dir', uploads],
        log: join(dir, 'slack.log'),
        ready: () => answers(`${url}/_control/state`),
        limit: 60_000,
      },
      keeper,
    )
    return { child, url }
  })
  const { botUserId: bot, botToken, appToken } = slackApp
  const strict = await startStrictSlack({
    target: local.url,
    bot,
    botToken,
    appToken,
    botScopes: await manifestScopes(),
    userGroups: people.map(({ name, real_name, id }) => {
      return { id: userGroupOf(name), handle: name, name: real_name, users: [id] }
    }),
    now: () => performance.now(),
    pace,
  })
  const { url, apiUrl } = strict
  return {
    ...local.child,
    url,
    apiUrl,
    lenientApiUrl: `${local.url}/api/`,
    strict,
    async stop() {
      await strict.close()
      await local.child.stop()
    },
  }
}

/** The binary that npm brought for this platform, or else the one on the PATH. */
function localSlack(): string {
  const places = createRequire(import.meta.url).resolve.paths('local-slack') ?? []
  const binary = `local-slack-${process.platform}-${process.arch}/bin/local-slack`
  return places.map((place) => join(place, binary)).find(existsSync) ?? 'local-slack'
}
