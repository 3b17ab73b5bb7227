import type { WebClient } from '@slack/web-api'
import type { Reach } from '../jobs/ports.ts'
import { call } from './messenger.ts'

/** Slack is reachable when its API answers and the connection that brings clicks stands. */
export function createReach(client: WebClient, isListening: () => boolean): Reach {
  return {
    async reachable() {
      if (!isListening()) return false
      return call('auth.test', () => client.auth.test()).then(
        () => true,
        () => false,
      )
    },
  }
}
