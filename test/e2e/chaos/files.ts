import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseDocument, stringify } from 'yaml'
import { readManifests } from '../../../src/sandbox/cluster/manifests.ts'

const here = fileURLToPath(new URL('.', import.meta.url))

/** The configuration and the manifests of a world in a namespace of its own, as files in `dir`. */
export async function writeFiles(dir: string, namespace: string) {
  const config = join(dir, 'config.yaml')
  const document = parseDocument(await readFile(join(here, 'deployment-config.yaml'), 'utf8'))
  document.setIn(['cluster', 'namespace'], namespace)
  await writeFile(config, document.toString({ lineWidth: 0 }))

  const manifests = join(dir, 'service.yaml')
  const objects = await Promise.all(
    ['service', 'virtual-service'].map((name) => readManifests(`k8s/${name}.yaml`, namespace)),
  )
  await writeFile(
    manifests,
    objects
      .flat()
      .map((object) => stringify(object))
      .join('---\n'),
  )
  return { config, manifests: [manifests] }
}
