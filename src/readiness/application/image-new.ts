import { block, defineCheck, pass } from '../check.ts'
import { busierOf } from '../tracks.ts'

/** The version is not what already runs. */
export const imageNew = defineCheck({
  category: 'application',
  name: 'image-new',
  title: 'The version is not what already runs',
  settings: {},
  startOnly: true,
  looksAt: () => 'the image of the Deployment that has most of the traffic',
  expects: ({ image }) => `another one than ${image}`,
  async run(subject) {
    const { image } = subject
    // Asked for while a rollout is open, its canary may have all of it by then.
    const { image: running, deployment } = await busierOf(subject)
    if (running !== image) return pass(`${deployment} runs ${running}`)
    return block(`${deployment} runs ${image} already`, 'There is nothing to release: check the version.')
  },
})
