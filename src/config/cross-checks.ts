import { confirmMistakes } from './confirm-cross-checks.ts'
import { limitMistakes } from './limit-cross-checks.ts'
import { metricMistakes } from './metric-cross-checks.ts'
import type { Mistake } from './mistake.ts'
import { permissionMistakes } from './permission-cross-checks.ts'
import { phaseMistakes } from './phase-cross-checks.ts'
import { pointMistakes } from './point-cross-checks.ts'
import { roleMistakes } from './role-cross-checks.ts'
import { configFields } from './schema.ts'
import { type Sound, soundParts } from './sound.ts'
import { timeMistakes } from './time-cross-checks.ts'

function trackMistakes(sound: Sound): readonly Mistake[] {
  const tracks = sound.get(configFields.cluster.shape.tracks, 'cluster', 'tracks')
  if (tracks === undefined) return []
  const { blue, green } = tracks
  const mistakes: Mistake[] = []
  if (blue.deployment === green.deployment) {
    mistakes.push({
      path: ['cluster', 'tracks', 'green', 'deployment'],
      at: 'value',
      text: 'cluster.tracks.green.deployment is the same as that of blue, expected another Deployment',
    })
  }
  if (blue.destination.host === green.destination.host && blue.destination.subset === green.destination.subset) {
    mistakes.push({
      path: ['cluster', 'tracks', 'green', 'destination'],
      at: 'value',
      text: 'cluster.tracks.green.destination is the same as that of blue, expected another host or subset',
    })
  }
  const kind = sound.get(configFields.cluster.shape.traffic.shape.kind, 'cluster', 'traffic', 'kind')
  for (const track of ['blue', 'green'] as const) {
    if (kind !== 'http-route' || tracks[track].destination.subset === undefined) continue
    mistakes.push({
      path: ['cluster', 'tracks', track, 'destination', 'subset'],
      at: 'value',
      text: `cluster.tracks.${track}.destination.subset is for virtual-service, expected a Service of its own as host`,
    })
  }
  return mistakes
}

/** What only several keys together tell. Each check runs as soon as its own inputs are sound, whatever else is broken. */
export function crossCheck(root: unknown): readonly Mistake[] {
  const sound = soundParts(root)
  return [
    trackMistakes,
    roleMistakes,
    permissionMistakes,
    phaseMistakes,
    pointMistakes,
    metricMistakes,
    limitMistakes,
    confirmMistakes,
    timeMistakes,
  ].flatMap((check) => check(sound))
}
