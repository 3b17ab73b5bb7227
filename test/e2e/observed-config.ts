import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A directory with the shipped configuration in `mode: observe`; whoever asks for it removes it. */
export async function observedConfig(): Promise<{ readonly dir: string; readonly file: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'observe-'))
  const file = join(dir, 'deployment-config.yaml')
  await writeFile(file, `${await readFile('deployment-config.yaml', 'utf8')}\nmode: observe\n`)
  return { dir, file }
}
