import type { App } from '@slack/bolt'

import { listenToButtons } from './buttons.ts'
import { listenToDeploy } from './deploy-command.ts'
import { listenToHome } from './home.ts'
import { listenToMentions } from './mention.ts'
import { listenToNowForm } from './now-form.ts'
import { listenToReasonForms } from './reason-forms.ts'
import type { Reception } from './reception.ts'

/** Registers everything that Slipway listens to. */
export function listen(app: App, reception: Reception): void {
  listenToDeploy(app, reception)
  listenToButtons(app, reception)
  listenToReasonForms(app, reception)
  listenToNowForm(app, reception)
  listenToMentions(app, reception)
  listenToHome(app, reception)
}
