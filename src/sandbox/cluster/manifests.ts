import { readFile } from 'node:fs/promises'
import { parseAllDocuments } from 'yaml'
import { isJsonObject, type JsonObject, member, parseJsonObject } from './json.ts'

/** Reads the objects of a YAML file, put into another namespace where one is given. */
export async function readManifests(file: string, namespace?: string): Promise<readonly JsonObject[]> {
  const documents = parseAllDocuments(await readFile(file, 'utf8'))
  const objects = documents.map((document) => parseJsonObject(document.toJS()))
  return namespace === undefined ? objects : objects.map((object) => inNamespace(object, namespace))
}

function inNamespace(object: JsonObject, namespace: string): JsonObject {
  const metadata = member(object, 'metadata')
  const named = object.kind === 'Namespace' ? { name: namespace } : isJsonObject(object.metadata) ? { namespace } : {}
  return { ...object, metadata: { ...metadata, ...named } }
}
