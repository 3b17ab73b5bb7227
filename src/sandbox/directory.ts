import { mkdir, mkdtemp, readdir, realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { SlipwayError } from '../errors.ts'

/** How the names of directories begin that nobody chose. */
export const directoryPrefix = 'slipway-sandbox-'

/**
 * Makes the directory of a world: the named one, which must not hold anything, or a new one of its own.
 * @throws SlipwayError `sandbox-directory-taken`.
 */
export async function makeDirectory(named: string | undefined): Promise<string> {
  if (named === undefined) return mkdtemp(join(await realpath(tmpdir()), directoryPrefix))
  const directory = resolve(named)
  await mkdir(directory, { recursive: true })
  if ((await readdir(directory)).length > 0) throw new SlipwayError('sandbox-directory-taken', { directory })
  return directory
}
