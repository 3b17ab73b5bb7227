import { breakGlassOver } from '../../../src/cluster/break-glass.ts'
import type { JsonPatch } from '../../../src/cluster/json-patch.ts'
import type { Track } from '../../../src/rollout/plan.ts'
import { isOver } from '../../../src/rollout/state.ts'
import { createClient } from '../cluster/client.ts'
import type { Outside } from '../outside.ts'
import { createProcess } from '../process.ts'
import { enabled, type HandChange } from '../scenario.ts'
import { config } from '../spec.ts'

/** Is there a release whose traffic is not settled yet? */
function isOn({ witness, redis, api }: Outside): boolean {
  const state = witness.stateOf(redis.data.latest)
  return enabled.handAfterEnd || (state !== undefined && !isOver(state) && api.route.mark?.closed === false)
}

/** Somebody with kubectl: changes something, and changes it back later. */
export function planHandChange(outside: Outside, change: HandChange): void {
  const { timeline, api, random, faults } = outside
  const canary = () => api.route.mark?.canary ?? 'green'
  timeline.after(change.from, () => {
    if (!isOn(outside)) return
    faults.meet(`by hand: ${change.what}`)
    const track = canary()
    const { deployment } = config.cluster.tracks[track]
    const before = api.deployment(track)
    const weights = api.route.weights
    const back = () => {
      switch (change.what) {
        case 'weights':
          // Only if nobody has moved them since.
          if (isOn(outside) && api.route.weights[track] === changed) writeWeights(outside, track, weights[track])
          return
        case 'image':
          api.patchDeployment('kubectl', deployment, imagePatch(before.image))
          return
        case 'size':
          return
      }
    }
    const changed = random.pick([0, 20, 50, 100])
    if (change.what === 'weights') writeWeights(outside, track, changed)
    if (change.what === 'image') api.patchDeployment('kubectl', deployment, imagePatch('registry.example.com/other:1'))
    if (change.what === 'size')
      api.patchDeployment('kubectl', deployment, [{ op: 'add', path: '/spec/replicas', value: before.replicas + 1 }])
    timeline.after(change.to - change.from, back)
  })
}

function writeWeights({ api }: Outside, canary: Track, weight: number): void {
  const [index, other] = canary === 'blue' ? [0, 1] : [1, 0]
  const patch: JsonPatch = [
    { op: 'replace', path: `/spec/http/0/route/${index}/weight`, value: weight },
    { op: 'replace', path: `/spec/http/0/route/${other}/weight`, value: 100 - weight },
  ]
  api.patchRoute('kubectl', patch)
}

const imagePatch = (image: string): JsonPatch => [
  { op: 'add', path: '/spec/template/spec/containers/0/image', value: image },
]

/** Somebody with kubectl takes away what a track still gets, as the message asks that holds its pods. */
export function takeAwayFrom(outside: Outside, track: Track): void {
  if (outside.api.route.weights[track] > 0) writeWeights(outside, track, 0)
}

/**
 * Somebody with kubectl gives everything to stable, as the message asks that keeps a release from starting: to the track that the release has
 * claimed as such, or else to the one that has pods, or more of the traffic.
 */
export function putBack(outside: Outside): void {
  const { api } = outside
  const size = (track: Track) => api.deployment(track).replicas
  const { mark } = api.route
  const { blue, green } = api.route.weights
  const claimed = mark?.closed === false && size(mark.stable) > 0 ? mark.canary : undefined
  const greenIdle = size('green') === 0 || (size('blue') > 0 && blue >= green)
  takeAwayFrom(outside, claimed ?? (greenIdle ? 'green' : 'blue'))
}

/** Somebody breaks glass from a terminal. */
export function planTerminal(outside: Outside, at: number): void {
  const { timeline, api, faults, trace, random } = outside
  timeline.after(at, () => {
    if (!isOn(outside)) return
    faults.meet('break-glass from a terminal')
    const process = createProcess({
      timeline,
      random,
      faults,
      trace,
      name: 'terminal',
      index: -1,
      clocks: null,
      onDeath: () => undefined,
    })
    const client = createClient(process, api, 'slipway')
    breakGlassOver(client, { by: 'cli:person@laptop', clock: process.clock, whenEmpty: 'go-ahead' }).then(
      () => trace(() => 'break-glass from a terminal is done'),
      (error: unknown) => trace(() => `break-glass from a terminal: ${String(error)}`),
    )
  })
}
