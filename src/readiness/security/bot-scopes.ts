import { botScopes } from '../../slack/check-connection.ts'
import { block, defineCheck, few, pass, warn } from '../check.ts'

/** The bot's scopes are those of the manifest: none is missing, and none is more than Slipway uses. */
export const scopes = defineCheck({
  category: 'security',
  name: 'bot-scopes',
  title: "The bot's scopes are the manifest's",
  settings: {},
  looksAt: () => "what Slack says of the bot token's scopes",
  expects: () => botScopes.join(', '),
  async run({ outside }) {
    const granted = await outside.botScopes()
    const missing = botScopes.filter((scope) => !granted.includes(scope))
    const mend = "Compare the app's OAuth & Permissions with manifest.yml, and reinstall the app."
    if (missing.length > 0) return block(`missing: ${few(missing)}`, mend, missing)
    const more = granted.filter((scope) => !botScopes.some((known) => known === scope))
    return more.length === 0 ? pass(`all ${granted.length}`) : warn(`more than it uses: ${few(more)}`, mend, more)
  },
})
