import type { ServerResponse } from 'node:http'
import { ApiStatus } from './api-status.ts'
import { type JsonObject, member } from './json.ts'
import { metadataOf } from './metadata.ts'
import type { Selection } from './selectors.ts'
import type { Change, Key, Store } from './store.ts'

export interface WatchOptions {
  /** What is watched: all objects of a kind, in one namespace or in all. */
  readonly key: Pick<Key, 'plural' | 'namespace'>
  readonly selected: Selection
  /** Tell what changed after this version; null or 0: first what there is. */
  readonly from: number | null
  /** Ends the watch, in ms; null: it goes on until one side leaves. */
  readonly limit: number | null
}

/** Streams what becomes of objects, a line of JSON each: `ADDED`, `MODIFIED`, `DELETED`, and `ERROR` with a status. */
export function watch(store: Store, options: WatchOptions, response: ServerResponse): void {
  const { key, selected, from, limit } = options
  response.writeHead(200, { 'content-type': 'application/json' })
  response.flushHeaders()
  const say = (type: string, object: JsonObject) => response.write(`${JSON.stringify({ type, object })}\n`)

  const tell = (change: Change): void => {
    if (change.key.plural !== key.plural) return
    if (key.namespace !== '' && change.key.namespace !== key.namespace) return
    const was = change.before !== undefined && selected(change.before)
    const is = change.after !== undefined && selected(change.after)
    if (is && change.after) say(was ? 'MODIFIED' : 'ADDED', change.after)
    // Who watches only some objects sees those leave that are no longer among them, as they were.
    else if (was && change.before) say('DELETED', atVersion(change.before, change.version))
  }

  try {
    if (from) for (const change of store.since(from)) tell(change)
    else for (const object of store.list(key.plural, key.namespace).items.filter(selected)) say('ADDED', object)
  } catch (error) {
    if (!(error instanceof ApiStatus)) throw error
    say('ERROR', error.body())
    response.end()
    return
  }
  const leave = store.onChange(tell)
  const end = limit === null ? undefined : setTimeout(() => response.end(), limit)
  response.once('close', () => {
    leave()
    clearTimeout(end)
  })
}

function atVersion(object: JsonObject, version: number): JsonObject {
  if (metadataOf(object).resourceVersion === String(version)) return object
  return { ...object, metadata: { ...member(object, 'metadata'), resourceVersion: String(version) } }
}
