import type { EventOf } from '../rollout/events.ts'
import type { State } from '../rollout/state.ts'
import { escapeText } from './format.ts'

/** What a person has to do about the unused pods; null while nobody is asked. */
export function cleanUpAsks({ cleanUp }: State): string | null {
  const next = "Until then the next rollout can't start."
  if (cleanUp === 'held')
    return `The unused pods stay; the thread says why. Look, then scale them down: by the button, or \`/deploy finish\`. ${next}`
  if (cleanUp === 'failed')
    return `Cleaning up failed; the thread says why. Mend it, then clean up again: by the button, or \`/deploy finish\`. ${next}`
  return null
}

/** Which autoscalers are held; empty without any. */
export function pinnedText({ autoscalers = [] }: EventOf<'prepared'>): string {
  if (autoscalers.length === 0) return ''
  const names = autoscalers.map(({ name, track }) => `${escapeText(name)} (${track})`).join(' and ')
  return ` The minimum of ${names} is held high enough until the end: no autoscaler takes pods away meanwhile.`
}

/** Which autoscalers are given back; empty without any. */
export function unpinnedText({ autoscalers = [] }: EventOf<'cleaned-up'>): string {
  if (autoscalers.length === 0) return ''
  return ` Autoscalers have their own minimum back: ${autoscalers.map(escapeText).join(', ')}.`
}

/** What Git needs to say what stands on the cluster now, grouped by object, so that each is found once in Git. */
export function gitText({ tool, changes }: EventOf<'git-behind'>): string {
  const objects = [...new Set(changes.map(({ object }) => object))]
  const lines = objects.flatMap((object) => [
    object,
    ...changes.filter((change) => change.object === object).map(({ path, value }) => `  ${path}: ${value}`),
  ])
  return `*Git is behind:* ${escapeText(tool)} manages these objects. Write into Git what stands on the cluster now, before anything there is applied anew:\n\`\`\`\n${escapeText(lines.join('\n')).replaceAll('`', "'")}\n\`\`\``
}
