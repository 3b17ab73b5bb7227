import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { JsonObject } from '../../src/sandbox/cluster/json.ts'
import { readManifests } from '../../src/sandbox/cluster/manifests.ts'
import { metadataOf } from '../../src/sandbox/cluster/metadata.ts'
import type { ControlPlane } from './control-plane.ts'

/** Kinds whose plural is another than with an s. */
const plurals: Readonly<Record<string, string>> = { NetworkPolicy: 'networkpolicies' }

/** Versions that a real API server of these tests may be too old for, and what it has in their place, the same in all that is used. */
const older: Readonly<Record<string, string>> = { 'policy/v1': 'policy/v1beta1' }

/** The files that are shipped, as a real API server takes them; nothing of them is kept. */
export function manifestsContract(plane: () => ControlPlane): void {
  it.each(readdirSync('k8s'))('%s is taken whole', async (file) => {
    const objects = await readManifests(`k8s/${file}`)
    expect(objects).not.toEqual([])
    for (const object of objects) {
      const { status, body, sent } = await tryOut(object)
      const what = `${object.kind} ${metadataOf(object).name}`
      // The namespace of these tests is there already.
      if (object.kind === 'Namespace' && status === 409) continue
      expect([what, status, body.message]).toEqual([what, 201, undefined])
      // A field that it does not know, the API server leaves out without a word.
      expect(body, what).toMatchObject(sent)
    }
  })

  async function tryOut(object: JsonObject) {
    const asked = String(object.apiVersion)
    const served = (await plane().api.call('GET', rootOf(asked))).status === 200
    const apiVersion = served ? asked : (older[asked] ?? asked)
    const { namespace } = metadataOf(object)
    const plural = plurals[String(object.kind)] ?? `${String(object.kind).toLowerCase()}s`
    const where = namespace === '' ? '' : `/namespaces/${namespace}`
    const sent = { ...object, apiVersion }
    return { sent, ...(await plane().api.call('POST', `${rootOf(apiVersion)}${where}/${plural}?dryRun=All`, sent)) }
  }
}

function rootOf(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
}
