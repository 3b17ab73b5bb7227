import { readFileSync } from 'node:fs'

/** Variables as the process gets them. */
export type Variables = Readonly<Record<string, string | undefined>>

/** The variables whose value may stand in a mounted file, which `NAME_FILE` names. */
export const secretNames = [
  'SLACK_BOT_TOKEN',
  'SLACK_APP_TOKEN',
  'SLACK_SIGNING_SECRET',
  'SLIPWAY_REDIS_URL',
  'PAGERDUTY_ROUTING_KEY',
  'PAGERDUTY_API_TOKEN',
  'SLIPWAY_ALERTMANAGER_TOKEN',
  'GRAFANA_TOKEN',
  'CONFLUENCE_CREDENTIALS',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'SLIPWAY_REGISTRY_CREDENTIALS',
] as const

/** Variables with the files read in, and what is wrong with those that could not be. */
export interface Resolved {
  readonly values: Readonly<Record<string, string>>
  /** By the name of the secret: the words name variables, never values. */
  readonly broken: ReadonlyMap<string, string>
}

/** The content of a mounted file without the white space around it, or what is wrong with it. */
function readSecret(file: string): { readonly content: string } | { readonly wrong: string } {
  try {
    const content = readFileSync(file, 'utf8').trim()
    return content === '' ? { wrong: 'is empty, expected the secret in it' } : { content }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    return { wrong: `can't be read${code}, expected a mounted file` }
  }
}

/** What the variables say once the files are read. An empty variable counts as not set. */
export function resolveVariables(variables: Variables): Resolved {
  const values: Record<string, string> = {}
  const broken = new Map<string, string>()
  for (const [name, value] of Object.entries(variables)) if (value !== undefined && value !== '') values[name] = value
  for (const name of secretNames) {
    const fileName = `${name}_FILE`
    const file = values[fileName]
    if (file === undefined) continue
    if (values[name] !== undefined) {
      broken.set(name, `${name} and ${fileName} are both set, expected one of them`)
      continue
    }
    const read = readSecret(file)
    if ('wrong' in read) broken.set(name, `${fileName}: the file ${read.wrong}`)
    else values[name] = read.content
  }
  return { values, broken }
}
