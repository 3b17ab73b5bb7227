import { frozenAt, nextFreeze } from '../../rollout/freeze.ts'
import { durationText } from '../../slack/format.ts'
import { block, defineCheck, pass } from '../check.ts'
import type { Subject } from '../subject.ts'

/** The shortest that the release can take, in ms: its soaks. */
const plannedMs = ({ config }: Subject) => config.release.phases.reduce((sum, { soak }) => sum + soak, 0)

/** As a moment that is shown in the reader's own time. */
const moment = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`

/** A release that runs into a freeze stands half-way for as long as it lasts. */
export const freeze = defineCheck({
  category: 'team',
  name: 'freeze',
  title: 'No freeze now, or before the release can be through',
  startOnly: true,
  settings: {},
  offBecause: (_, { config }) => (config.freezes.length === 0 ? 'no freezes are configured' : undefined),
  looksAt: ({ config }) => `the ${config.freezes.length} windows under freezes`,
  expects: (subject) => `none now, or within ${durationText(plannedMs(subject))}, which its soaks take`,
  async run(subject) {
    const { config, world } = subject
    const now = world.clock.now()
    const mend = 'Start when there is time for all of it.'
    const present = frozenAt(config.freezes, now)
    if (present !== null) return block(`${present.title}, until ${moment(present.until)}`, mend)
    const next = nextFreeze(config.freezes, now, plannedMs(subject))
    if (next === null) return pass('none')
    return block(`${next.title}, from ${moment(next.from)} until ${moment(next.until)}`, mend)
  },
})
