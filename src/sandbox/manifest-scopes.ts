import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'

const manifest = z.object({ oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }) })

/** The scopes of the bot token of an app that was made from manifest.yml. */
export async function manifestScopes(): Promise<readonly string[]> {
  const text = await readFile(new URL('../../manifest.yml', import.meta.url), 'utf8')
  return manifest.parse(parse(text)).oauth_config.scopes.bot
}
