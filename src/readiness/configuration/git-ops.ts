import { z } from 'zod'
import { block, defineCheck, few, pass } from '../check.ts'

/** A tool that keeps the cluster as Git has it undoes a release, unless it was told to leave three kinds of fields alone. */
export const gitOps = defineCheck({
  category: 'configuration',
  name: 'git-ops',
  title: 'What manages these objects from Git leaves weights, images and sizes alone',
  severity: 'warn',
  unknown: 'warn',
  settings: {
    leftAlone: z
      .boolean({ error: 'expected true or false' })
      .prefault(false)
      .describe('The tool was told to leave these fields alone: only then Slipway knows.'),
  },
  looksAt: () => 'labels, annotations and field managers of the route and both Deployments, for Argo CD and Flux',
  expects: (_, { leftAlone }) => (leftAlone ? 'a tool, if any, that was told so' : 'no tool, or leftAlone: true'),
  async run({ cluster }, { leftAlone }) {
    const tools = await cluster.gitOps()
    const found = tools.map(({ tool, source, objects }) => `${tool}${source ? ` (${source})` : ''}: ${few(objects)}`)
    if (tools.length === 0) return pass('none')
    if (leftAlone) return pass(`${found.join('; ')}, told to leave them alone`)
    const mend =
      "Add the text of the details to its spec, and set leftAlone: true. Otherwise its next sync undoes the release's weights."
    return block(
      found.join('; '),
      mend,
      tools.map(({ text }) => text),
    )
  },
})
