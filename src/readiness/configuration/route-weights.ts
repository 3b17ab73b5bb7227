import { block, defineCheck, pass } from '../check.ts'

/** The route and both its destinations are there, and one of them has everything. */
export const routeWeights = defineCheck({
  category: 'configuration',
  name: 'route-weights',
  title: 'The route leads to both tracks, and one has all traffic',
  settings: {},
  startOnly: true,
  looksAt: ({ config }) =>
    `the route in ${config.cluster.traffic.kind} ${config.cluster.traffic.name}, and its two destinations`,
  expects: () => '100 % on one track, 0 % on the other',
  async run({ cluster }) {
    const { blue, green } = (await cluster.view()).route.weights
    const found = `blue ${blue} %, green ${green} %`
    if (blue === 100 || green === 100) return pass(found)
    return block(found, 'Give one track everything: the one whose version is known to work.')
  },
})
