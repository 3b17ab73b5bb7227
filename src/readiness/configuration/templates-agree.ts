import { block, defineCheck, few, pass } from '../check.ts'

/** What differs between the tracks beside image and size would be released unseen. */
export const templatesAgree = defineCheck({
  category: 'configuration',
  name: 'templates-agree',
  title: 'The pod templates differ only in image and track',
  settings: {},
  looksAt: ({ config }) => {
    const { blue, green } = config.cluster.tracks
    return `the pod templates of ${blue.deployment} and ${green.deployment}`
  },
  expects: () => 'the same but for image, size and the names of the tracks',
  async run({ cluster }) {
    const differences = await cluster.templateDifferences()
    if (differences.length === 0) return pass('they agree')
    return block(
      `they differ at ${few(differences)}`,
      'Make them agree: the difference would go out with the release.',
      differences,
    )
  },
})
