import type { App } from '@slack/bolt'
import { call } from '../messenger.ts'
import { homePayload } from '../payloads.ts'
import type { Reception } from './reception.ts'

/** App Home: made anew each time that somebody opens it. */
export function listenToHome(app: App, reception: Reception): void {
  app.event('app_home_opened', async ({ event, client }) => {
    const { user, tab } = homePayload.parse(event)
    if (tab !== 'home') return
    const view = await reception.look.home(user, reception.now())
    await call('views.publish', () => client.views.publish({ user_id: user, view }))
  })
}
