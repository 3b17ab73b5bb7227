import { block, defineCheck, pass } from '../check.ts'
import { stableOf } from '../tracks.ts'

/** The version is not what already runs. */
export const imageNew = defineCheck({
  category: 'application',
  name: 'image-new',
  title: 'The version is not what already runs',
  settings: {},
  startOnly: true,
  looksAt: () => 'the image of the Deployment that has the traffic',
  expects: ({ image }) => `another one than ${image}`,
  async run(subject) {
    const { image } = subject
    const { image: running, deployment } = await stableOf(subject)
    if (running !== image) return pass(`${deployment} runs ${running}`)
    return block(`${deployment} runs ${image} already`, 'There is nothing to release: check the version.')
  },
})
