import { metadataOf } from './metadata.ts'
import type { Plural } from './resources.ts'
import type { Key, Store } from './store.ts'

/**
 * Calls `reconcile` soon after an object of this kind or a pod beside it changed, also after it is gone. Changes that come
 * together are one call. Returns what asks for a call by itself.
 */
export function runController(store: Store, plural: Plural, reconcile: (key: Key) => void): (key: Key) => void {
  const due = new Set<string>()
  const plan = (key: Key): void => {
    const id = `${key.namespace}/${key.name}`
    if (due.has(id)) return
    due.add(id)
    setImmediate(() => {
      due.delete(id)
      reconcile(key)
    })
  }
  store.onChange(({ key }) => {
    if (key.plural === plural) plan(key)
    if (key.plural !== 'pods') return
    for (const object of store.list(plural, key.namespace).items) {
      plan({ plural, namespace: key.namespace, name: metadataOf(object).name })
    }
  })
  return plan
}
