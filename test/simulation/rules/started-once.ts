import { endedAt } from '../../../src/rollout/state.ts'
import { Broken } from './broken.ts'
import type { Rule } from './scene.ts'

const rule = 'started-once'

/** What somebody asks for starts one rollout at most, however often it is taken up again, and none where one was under way when it was said. */
export const startedOnce: Rule = ({ outside: { witness } }) => {
  /** Rollouts by the command that started them. */
  const started = new Map<string, number>()
  return {
    rewound: () => started.clear(),
    appended(rollout, events) {
      for (const event of events) {
        if (event.type !== 'rollout-started') continue
        const { command, at } = event
        const before = started.get(command)
        if (before !== undefined) throw new Broken(rule, `${command} started rollout ${before}, and rollout ${rollout}`)
        started.set(command, rollout)
        for (const earlier of witness.ledgers.keys()) {
          const state = earlier === rollout ? undefined : witness.stateOf(earlier)
          const ended = state === undefined ? undefined : endedAt(state)
          if (ended !== undefined && ended > at)
            throw new Broken(rule, `rollout ${rollout} was asked for while ${earlier} was under way`)
        }
      }
    },
  }
}
