import type { State } from './state.ts'

/**
 * Those of these image ids that run other bytes than all of the others. One digest has a name in every repository that its image was
 * pulled from.
 */
export function otherImages(ids: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others.map(bytesOf))
  return ids.filter((id) => !known.has(bytesOf(id)))
}

/**
 * Do these ids say anything that the state does not? What was signed for may be away for a while, as a pod on another kind of node is: that
 * is no news, nor is its coming back, in the middle of a phase even when the plan has lost it.
 */
export function isNews({ stage, imageIds = [], signedIds = [] }: State, ids: readonly string[]): boolean {
  const come = otherImages(ids, imageIds)
  if (stage !== 'shifting' && come.length > 0) return true
  return otherImages([...come, ...otherImages(imageIds, ids)], signedIds).length > 0
}

/** A digest, without the repository that it was pulled from; the whole id where it has none. */
function bytesOf(id: string): string {
  return id.slice(id.lastIndexOf('@') + 1)
}
