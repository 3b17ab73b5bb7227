import { Broken } from './broken.ts'
import type { Rule } from './scene.ts'

/** Rule 7: every click that reached Slipway has an answer its sender can see. */
export const allAnswered: Rule = ({ outside: { slack }, delivery }) => ({
  settled() {
    const answered = new Set(slack.told.map((t) => `${t.id} ${t.user}`))
    for (const wish of delivery.acknowledged.values()) {
      if (!answered.has(`answer/${wish.id} ${wish.user.id}`))
        throw new Broken(
          'all-answered',
          `${wish.user.id} never got an answer to ${JSON.stringify(wish.ask)} (${wish.id})`,
        )
    }
  },
})
