import { KubeConfig } from '@kubernetes/client-node'
import { readManifests } from '../../src/sandbox/cluster/manifests.ts'
import { metadataOf } from '../../src/sandbox/cluster/metadata.ts'
import { resources } from '../../src/sandbox/cluster/resources.ts'
import { createApi, jsonPatch, mergePatch } from '../contract/api.ts'

/**
 * What of kubectl the guide uses, for the sandbox's API: it serves no discovery, without which the real one does nothing.
 * Anything else fails, so that a new command of the guide is not taken for one that works.
 */
const kubeConfig = new KubeConfig()
kubeConfig.loadFromDefault()
const api = await createApi(kubeConfig)

function pathOf(kind: string, namespace: string, name = ''): string {
  const found = resources.find((r) => r.kind.toLowerCase() === kind.toLowerCase() || r.plural === kind)
  if (found === undefined) throw new Error(`no such kind: ${kind}`)
  const root = found.group === '' ? `/api/${found.version}` : `/apis/${found.group}/${found.version}`
  return `${root}/namespaces/${namespace}/${found.plural}${name === '' ? '' : `/${name}`}`
}

async function apply(file: string): Promise<void> {
  for (const object of await readManifests(file)) {
    const { name = '', namespace = '' } = metadataOf(object)
    const [path, kind] = [pathOf(String(object.kind), String(namespace)), String(object.kind).toLowerCase()]
    const created = await api.call('POST', path, object)
    if (created.status === 409) await api.must('PATCH', `${path}/${name}`, object, mergePatch)
    else if (created.status >= 300) throw new Error(`${kind}/${name}: ${created.status} ${created.body.message}`)
    console.log(`${kind}/${name} ${created.status === 409 ? 'configured' : 'created'}`)
  }
}

const args = process.argv.slice(2)
const [flag, namespace = '', ...rest] = args[0] === '-n' ? args : ['-n', 'default', ...args]
const [verb, ...what] = rest
if (flag === '-n' && verb === 'apply' && what[0] === '-f' && what[1] !== undefined && what.length === 2)
  await apply(what[1])
else if (verb === 'get' && what.length === 1) {
  const { items } = await api.must('GET', pathOf(what[0] ?? '', namespace))
  for (const item of Array.isArray(items) ? items : [])
    if (item !== null && typeof item === 'object' && !Array.isArray(item)) console.log(metadataOf(item).name)
} else if (verb === 'patch' && what[2] === '--type=json' && what[3] === '-p' && what.length === 5) {
  const [kind = '', name = ''] = what
  await api.must(
    'PATCH',
    `${pathOf(kind, namespace, name)}?fieldManager=kubectl-patch`,
    JSON.parse(what[4] ?? ''),
    jsonPatch,
  )
  console.log(`${kind}/${name} patched`)
} else throw new Error(`the stand-in knows no kubectl ${args.join(' ')}`)
