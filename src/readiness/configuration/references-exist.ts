import { block, defineCheck, few, pass } from '../check.ts'
import { referencesOf } from './references.ts'

/** What the templates name is there. Only metadata is read: no value of a Secret reaches Slipway. */
export const referencesExist = defineCheck({
  category: 'configuration',
  name: 'references-exist',
  title: 'The ConfigMaps and Secrets of the pod templates exist',
  settings: {},
  looksAt: () => 'the names of ConfigMaps and Secrets in both pod templates',
  expects: () => 'each is there',
  async run({ cluster }) {
    const templates = await Promise.all([cluster.deployment('blue'), cluster.deployment('green')])
    const all = templates.flatMap(({ spec }) => referencesOf(spec?.template.spec))
    const wanted = all.filter(
      ({ kind, name }, index) => all.findIndex((one) => one.kind === kind && one.name === name) === index,
    )
    const looked = await Promise.all(
      wanted.map(async ({ kind, name }) => ({
        text: `${kind === 'secrets' ? 'Secret' : 'ConfigMap'} ${name}`,
        there: await cluster.exists(kind, name),
      })),
    )
    const missing = looked.filter(({ there }) => !there).map(({ text }) => text)
    if (missing.length > 0)
      return block(`missing: ${few(missing)}`, 'Create them: the canary would not start without.', missing)
    return pass(looked.length === 0 ? 'the templates name none' : `${looked.length} are there`)
  },
})
