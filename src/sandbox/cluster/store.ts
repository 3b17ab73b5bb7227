import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { alreadyExists, conflict, expired, notFound } from './api-status.ts'
import { type JsonObject, member } from './json.ts'
import { forgetsManagers, trackManager } from './managed-fields.ts'
import { metadataOf, timestamp } from './metadata.ts'
import { apiVersionOf, type Plural, type Resource, resourceOf, resources } from './resources.ts'
import { validate } from './validate.ts'

/** Which object is meant; `namespace` is empty for what belongs to none. */
export interface Key {
  readonly plural: Plural
  readonly namespace: string
  readonly name: string
}

/** What a write may change: the object but for its status, or nothing but its status. */
export type Part = 'object' | 'status'

/** What became of an object: without `before` it is new, without `after` it is gone. */
export interface Change {
  readonly key: Key
  /** The store's version that the change made. */
  readonly version: number
  readonly before: JsonObject | undefined
  readonly after: JsonObject | undefined
}

/** So many changes are remembered for those who watch; the API server keeps some minutes of them. */
const remembered = 1_000

/** Keeps the objects, with their versions, generations and managers. Errors are thrown as `ApiStatus`. */
export class Store {
  readonly #objects = new Map<string, JsonObject>()
  readonly #listeners = new Set<(change: Change) => void>()
  #changes: Change[] = []
  #version = 100

  /** Calls the listener after every change, until the returned function is called. */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The changes after a version, oldest first. Throws `Expired` when some of them are forgotten. */
  since(version: number): readonly Change[] {
    const forgotten = (this.#changes[0]?.version ?? this.#version + 1) - 1
    if (version < forgotten) throw expired(version, forgotten)
    return this.#changes.filter((change) => change.version > version)
  }

  find(key: Key): JsonObject | undefined {
    return this.#objects.get(idOf(key))
  }

  read(key: Key): JsonObject {
    const found = this.find(key)
    if (!found) throw notFound(resourceOf(key.plural), key.name)
    return found
  }

  /** Without a namespace those of all namespaces. The version is the store's. */
  list(plural: Plural, namespace: string): { readonly items: readonly JsonObject[]; readonly version: number } {
    const prefix = namespace === '' ? `${plural}/` : `${plural}/${namespace}/`
    const items = [...this.#objects].filter(([id]) => id.startsWith(prefix)).map(([, object]) => object)
    return { items, version: this.#version }
  }

  create(plural: Plural, namespace: string, given: JsonObject, manager: string): JsonObject {
    const resource = resourceOf(plural)
    const { name } = metadataOf(given)
    const key = { plural, namespace, name }
    if (resource.namespaced && !this.find({ plural: 'namespaces', namespace: '', name: namespace })) {
      throw notFound(resourceOf('namespaces'), namespace)
    }
    if (this.find(key)) throw alreadyExists(resource, name)
    const metadata: JsonObject = {
      ...member(given, 'metadata'),
      ...(resource.namespaced && { namespace }),
      uid: randomUUID(),
      creationTimestamp: timestamp(),
      ...(resource.generation !== 'none' && { generation: 1 }),
    }
    return this.#save(key, undefined, withDefaults(plural, { ...given, metadata }, apiVersionOf(resource)), manager)
  }

  /** Changes one part of an object; nothing happens when nothing changes. An outdated `resourceVersion` is a conflict. */
  update(key: Key, part: Part, manager: string, change: (present: JsonObject) => JsonObject): JsonObject {
    const resource = resourceOf(key.plural)
    const before = this.read(key)
    const wanted = change(before)
    const asked = metadataOf(wanted).resourceVersion
    const present = metadataOf(before)
    if (asked !== '' && asked !== present.resourceVersion) throw conflict(resource, key.name)
    const after = part === 'status' ? { ...before, status: member(wanted, 'status') } : keepStatus(before, wanted)
    const { name, namespace, uid } = present
    const { creationTimestamp, generation, resourceVersion } = member(before, 'metadata')
    const { managedFields } = member(forgetsManagers(wanted) ? wanted : before, 'metadata')
    const fixed = { uid, creationTimestamp, generation, managedFields, resourceVersion }
    const known = Object.fromEntries(Object.entries(fixed).filter(([, value]) => value !== undefined))
    after.metadata = { ...member(after, 'metadata'), name, ...(namespace && { namespace }), ...known }
    if (isDeepStrictEqual(before, after)) return before
    if (raisesGeneration(resource, before, after)) {
      after.metadata = { ...member(after, 'metadata'), generation: present.generation + 1 }
    }
    return this.#save(key, before, after, manager)
  }

  /** Removes an object at once; a namespace with all that is in it. */
  remove(key: Key): JsonObject {
    const removed = this.read(key)
    if (key.plural === 'namespaces') {
      for (const { plural } of resources.filter(({ namespaced }) => namespaced)) {
        for (const object of this.list(plural, key.name).items) {
          this.remove({ plural, namespace: key.name, name: metadataOf(object).name })
        }
      }
    }
    this.#objects.delete(idOf(key))
    this.#version += 1
    this.#tell({ key, version: this.#version, before: removed, after: undefined })
    return removed
  }

  #save(key: Key, before: JsonObject | undefined, after: JsonObject, manager: string): JsonObject {
    validate(key.plural, key.name, after)
    this.#version += 1
    const managedFields = trackManager(before, after, manager)
    const metadata = { ...member(after, 'metadata'), managedFields, resourceVersion: String(this.#version) }
    const saved = structuredClone({ ...after, metadata })
    this.#objects.set(idOf(key), saved)
    this.#tell({ key, version: this.#version, before, after: saved })
    return saved
  }

  #tell(change: Change): void {
    this.#changes.push(change)
    if (this.#changes.length > 2 * remembered) this.#changes = this.#changes.slice(-remembered)
    for (const listener of this.#listeners) listener(change)
  }
}

function idOf({ plural, namespace, name }: Key): string {
  return `${plural}/${namespace}/${name}`
}

function keepStatus(before: JsonObject, wanted: JsonObject): JsonObject {
  const { status: _, ...rest } = wanted
  return before.status === undefined ? rest : { ...rest, status: before.status }
}

function withDefaults(plural: Plural, object: JsonObject, apiVersion: string): JsonObject {
  const full: JsonObject = { ...object, apiVersion, kind: resourceOf(plural).kind }
  if (plural === 'namespaces') full.status = { phase: 'Active' }
  if (plural === 'deployments') {
    full.spec = { replicas: 1, ...member(object, 'spec') }
    full.status = {}
  }
  if (plural === 'jobs') {
    full.spec = { parallelism: 1, completions: 1, backoffLimit: 6, ...member(object, 'spec') }
    full.status ??= {}
  }
  if (plural === 'horizontalpodautoscalers') full.spec = { minReplicas: 1, ...member(object, 'spec') }
  if (plural === 'secrets') {
    const { stringData: _, ...rest } = full
    return { type: 'Opaque', ...rest, data: { ...member(object, 'data'), ...encoded(member(object, 'stringData')) } }
  }
  return full
}

function encoded(texts: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, Buffer.from(String(text)).toString('base64')]),
  )
}

function raisesGeneration({ generation }: Resource, before: JsonObject, after: JsonObject): boolean {
  if (generation === 'none') return false
  const fields = ({ metadata: _, status: __, ...rest }: JsonObject) => rest
  const annotated = (object: JsonObject) => metadataOf(object).annotations
  if (!isDeepStrictEqual(fields(before), fields(after))) return true
  return generation === 'fields-and-annotations' && !isDeepStrictEqual(annotated(before), annotated(after))
}
