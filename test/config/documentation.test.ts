import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { environmentSchema } from '../../src/config/environment-schema.ts'
import { secretNames } from '../../src/config/environment-variables.ts'
import { parseConfig } from '../../src/config/load.ts'
import { configSchema } from '../../src/config/schema.ts'
import { exampleWith } from './example.ts'

const page = readFileSync('docs/configuration.md', 'utf8')

interface Node {
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, Node>> | undefined
  readonly required?: readonly string[] | undefined
  readonly additionalProperties?: boolean | Node | undefined
  readonly items?: Node | undefined
  readonly anyOf?: readonly Node[] | undefined
}
const node: z.ZodType<Node> = z.object({
  default: z.unknown().optional(),
  get properties() {
    return z.record(z.string(), node).optional()
  },
  required: z.array(z.string()).optional(),
  get additionalProperties() {
    return z.union([z.boolean(), node]).optional()
  },
  get items() {
    return node.optional()
  },
  get anyOf() {
    return z.array(node).optional()
  },
})

/** How the page calls the keys of a map that people choose. */
const nameIn = (path: string) =>
  path.endsWith('.metrics') ? '.<metric>' : path.endsWith('.labels') ? '.<label>' : '.<role>'

/** Every key of the schema with its default, as the page should show them. */
function keysOf(
  { properties = {}, required = [], additionalProperties, items, anyOf = [] }: Node,
  path = '',
): string[] {
  const named = Object.entries(properties).flatMap(([key, child]) => {
    const full = path === '' ? key : `${path}.${key}`
    const { severity, unknown, ...own } = child.properties ?? {}
    // What every check can be told stands above the table of checks; its row shows the defaults.
    if (severity !== undefined && unknown !== undefined)
      return [
        `| \`${full}\` | \`${severity.default}\`, \`${unknown.default}\` |`,
        ...keysOf({ properties: own, required: child.required }, full),
      ]
    const shown = typeof child.default === 'string' ? child.default : JSON.stringify(child.default)
    const byDefault = required.includes(key) ? '*required*' : shown === undefined ? '*none*' : `\`${shown}\``
    return [`| \`${full}\` | ${byDefault} |`, ...keysOf(child, full)]
  })
  const ofRecord =
    typeof additionalProperties === 'object'
      ? [`| \`${path}${nameIn(path)}\` | *required* |`, ...keysOf(additionalProperties, `${path}${nameIn(path)}`)]
      : []
  const ofItems = items === undefined ? [] : keysOf(items, `${path}[]`)
  return [...named, ...ofRecord, ...ofItems, ...anyOf.flatMap((branch) => keysOf(branch, path))]
}

/** The first two columns of the page's rows of keys. */
const rowsOf = (pattern: RegExp) => page.split('\n').flatMap((line) => pattern.exec(line)?.[0] ?? [])

describe('docs/configuration.md', () => {
  it('compares with stable by a metric that is valid as it stands', () => {
    const [, block = ''] = /### Comparing with stable.*?```yaml\n(.*?)```/s.exec(page) ?? []
    const metrics = exampleWith(
      '    - name: error-rate\n',
      `${block.replaceAll(/^(?=.)/gm, '    ')}    - name: error-rate\n`,
    )
    const config = parseConfig(metrics, 'f.yaml')
    expect(config.release.metrics[0]).toMatchObject({
      name: 'p95-beside-stable',
      compare: { worse: 'higher', critical: true },
    })
  })

  it('shows every key of the file with its default, and no other', () => {
    const rows = rowsOf(/^\| `[a-z][A-Za-z0-9.<>[\]-]*` \| [^|]+ \|/)
    expect(rows.toSorted()).toEqual(keysOf(node.parse(z.toJSONSchema(configSchema, { io: 'input' }))).toSorted())
  })

  it('shows every variable of the environment, and no other but the client’s KUBECONFIG', () => {
    const rows = rowsOf(/^\| `[A-Z_]+` \|/)
    const variables = [...Object.keys(environmentSchema.shape), 'KUBECONFIG'].map((name) => `| \`${name}\` |`)
    expect(rows.toSorted()).toEqual(variables.toSorted())
  })

  it('says "or file" of exactly the secrets', () => {
    const names = page.split('\n').flatMap((line) => /^\| `([A-Z_]+)` \|[^|]*or file/.exec(line)?.[1] ?? [])
    expect(names.toSorted()).toEqual(secretNames.toSorted())
  })
})
