import { block, type Check, pass } from './check.ts'

/** Route and templates are as a rollout expects them. */
export const configuration: readonly Check[] = [
  {
    category: 'configuration',
    name: 'Weights are 100/0',
    async run({ view }) {
      const { blue, green } = (await view()).route.weights
      const found = `blue ${blue} %, green ${green} %`
      return blue === 100 || green === 100 ? pass(found) : block(`${found}, expected 100/0: give one track everything`)
    },
  },
  {
    category: 'configuration',
    name: 'The Deployments differ only in image and size',
    async run({ world }) {
      const differences = await world.cluster.templateDifferences()
      if (differences.length === 0) return pass('their pod templates agree')
      return block(`their pod templates differ at ${differences.slice(0, 5).join(', ')}: make them agree`)
    },
  },
]
