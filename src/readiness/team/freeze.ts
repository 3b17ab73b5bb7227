import { frozenAt, nextFreeze } from '../../rollout/freeze.ts'
import { wallText } from '../../rollout/wall-time.ts'
import { durationText } from '../../slack/format.ts'
import { block, defineCheck, pass } from '../check.ts'
import type { Subject } from '../subject.ts'

/** The shortest that the release can take, in ms: its soaks. */
const plannedMs = ({ config }: Subject) => config.release.phases.reduce((sum, { soak }) => sum + soak, 0)

/** A release that runs into a freeze stands half-way for as long as it lasts. */
export const freeze = defineCheck({
  category: 'team',
  name: 'freeze',
  title: 'No freeze now, or before the release can be through',
  // In one a start is refused by itself; the deciding role may override that, and accept one ahead.
  severity: 'warn',
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
    if (present !== null) return block(`${present.title}, until ${wallText(present.until, present.zone)}`, mend)
    const next = nextFreeze(config.freezes, now, plannedMs(subject))
    if (next === null) return pass('none')
    return block(`${next.title}, from ${wallText(next.from, next.zone)} until ${wallText(next.until, next.zone)}`, mend)
  },
})
