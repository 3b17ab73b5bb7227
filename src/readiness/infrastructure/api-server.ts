import { text } from '../../config/fields.ts'
import { block, defineCheck, pass } from '../check.ts'

const minorOf = (version: string) => Number(version.split('.')[1])

/** The API server answers, and is of a version that Slipway knows. */
export const apiServer = defineCheck({
  category: 'infrastructure',
  name: 'api-server',
  title: 'The Kubernetes API server answers, in a supported version',
  settings: {
    oldest: text(/^1\.\d{1,3}$/, 'expected a version in quotes, such as "1.20"')
      .prefault('1.20')
      .describe('The oldest version of Kubernetes that will do.'),
  },
  looksAt: () => 'the version of the API server',
  expects: (_, { oldest }) => `${oldest} or newer`,
  async run({ cluster }, { oldest }) {
    const [major, minor] = await cluster.version()
    const found = `Kubernetes ${major}.${minor}`
    if (major === 1 && minor >= minorOf(oldest)) return pass(found)
    return block(found, 'Update the cluster; Slipway has not been tried against this version.')
  },
})
