import { momentText } from '../../rollout/wall-time.ts'
import { block, defineCheck, pass } from '../check.ts'

/** Nobody has locked the service. */
export const notLocked = defineCheck({
  category: 'infrastructure',
  name: 'not-locked',
  title: 'Nobody has locked the service',
  // A start is refused by the lock itself; the deciding role may override that.
  severity: 'warn',
  settings: {},
  startOnly: true,
  looksAt: () => 'the lock (`/deploy lock`)',
  expects: () => 'none',
  async run({ world }) {
    const lock = await world.locks.present()
    if (lock === null) return pass('none')
    const found = `locked by ${lock.by.name} since ${momentText(lock.at)}: ${lock.reason}`
    return block(found, 'Have it unlocked with `/deploy unlock`.')
  },
})
