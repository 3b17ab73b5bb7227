import { expect, test } from 'vitest'
import { createExamined, type Examined } from './examine.ts'

const loose = ({ cluster }: Examined) => {
  const proxy = { name: 'proxy', image: 'proxy:latest', securityContext: { runAsNonRoot: false } }
  cluster.deployments.blue.spec?.template.spec?.containers.push(proxy)
}

/** Checks that warn where nothing is configured, and what they don't pass on. */
const warning: readonly (readonly [string, (examined: Examined) => void])[] = [
  ['images-pinned', loose],
  ['non-root', loose],
  [
    'permissions-beyond',
    ({ cluster }) => {
      cluster.rules = [{ verbs: ['*'], groups: ['*'], resources: ['*'], names: [] }]
    },
  ],
  [
    'git-ops',
    ({ cluster }) => {
      cluster.gitOps = [{ tool: 'Argo CD', source: 'shop', objects: ['Deployment blue'], text: 'spec' }]
    },
  ],
]

test.each(warning)('%s warns, and blocks where severity says so', async (name, spoil) => {
  const examined = createExamined()
  spoil(examined)
  expect(await examined.examine(name, {})).toMatchObject({ result: 'warn', ran: true })
  expect(await examined.examine(name, { severity: 'block' })).toMatchObject({ result: 'block', ran: true })
})
