import { block, defineCheck, few, pass } from '../check.ts'

/** The route's weights do what they say: everything behind it is as it must be, and nobody else moves them. */
export const routeSound = defineCheck({
  category: 'configuration',
  name: 'route-sound',
  title: "The route's weights lead to the tracks' pods, and nobody else moves them",
  settings: {},
  looksAt: ({ config }) =>
    `${config.cluster.traffic.kind} ${config.cluster.traffic.name}, its other routes, subsets and Services, other controllers`,
  expects: () =>
    "each destination chooses its track's pods, every phase's weight can be written, no other route or controller",
  async run({ cluster }) {
    const problems = await cluster.trafficProblems()
    if (problems.length === 0) return pass('nothing is wrong')
    const found = problems.map((problem) => problem.message)
    return block(few(found, 2), problems[0]?.todo ?? '', found)
  },
})
