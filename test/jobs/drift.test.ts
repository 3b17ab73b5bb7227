import { describe, expect, it } from 'vitest'
import { driftFound, driftsOf } from '../../src/jobs/drift.ts'
import type { ClusterView, TrackView } from '../../src/jobs/ports.ts'
import { canarySize, type Track } from '../../src/rollout/plan.ts'
import type { State } from '../../src/rollout/state.ts'
import { type Drive, holderOf, spec } from '../rollout/drive.ts'
import { at, parts, shift, sign, soak } from '../rollout/ways.ts'

const sizeIn = (phase: number) => {
  const found = spec.phases[phase - 1]
  if (found === undefined) throw new Error(`no phase ${phase}`)
  return canarySize(found, parts.stableSize, spec.headroom)
}

function track(name: Track, change: Partial<TrackView>): TrackView {
  const pods = { image: 'x', replicas: 1, ready: 1, serving: 1, oldReady: 0, pods: 1, imageIds: [] }
  return { track: name, deployment: `svc-${name}`, ...pods, fence: null, ...change }
}

/** The cluster as the rollout left it, in which somebody may have changed something. */
function viewOf(
  state: State,
  change: { readonly weight?: number; readonly blue?: Partial<TrackView>; readonly green?: Partial<TrackView> } = {},
): ClusterView {
  const weight = change.weight ?? state.weight
  const canary = state.phase === 0 ? { image: parts.canaryImage, replicas: 7 } : { image: spec.image }
  const size = state.phase === 0 ? {} : { replicas: sizeIn(state.phase) }
  return {
    tracks: {
      blue: track('blue', { image: parts.stableImage, replicas: parts.stableSize, ...change.blue }),
      green: track('green', { ...canary, ...size, ...change.green }),
    },
    route: {
      weights: { blue: 100 - weight, green: weight },
      others: { blue: [], green: [] },
      mark: null,
      lastManager: 'kubectl-edit',
    },
  }
}

/** The first thing that differs, and null when nothing does. */
const driftOf = (...seen: Parameters<typeof driftsOf>) => driftsOf(...seen)[0] ?? null

/** Phase 2 is being shifted: 5 % to 20 %. */
function shiftingTo20(): Drive {
  const drive = at('soaked')
  drive.say({ type: 'advance' })
  sign(drive)
  return drive
}

/** Released, and the canary has its full size. */
const released = () => at('released').state

describe('no drift is', () => {
  it.each(['awaiting-sign-off', 'soaking', 'soaked', 'waiting', 'released'] as const)(
    'a cluster as Slipway left it: %s',
    (stage) => {
      const { state } = at(stage)
      expect(driftOf(state, viewOf(state))).toBeNull()
    },
  )

  it('the weight, size and image of before or after a shift that is under way', () => {
    const { state } = shiftingTo20()
    for (const weight of [5, 20])
      for (const replicas of [sizeIn(1), sizeIn(2)])
        expect(driftOf(state, viewOf(state, { weight, green: { replicas } }))).toBeNull()
    const first = at('shifting').state
    for (const image of [parts.canaryImage, spec.image])
      for (const replicas of [0, 1, 9]) expect(driftOf(first, viewOf(first, { green: { image, replicas } }))).toBeNull()
  })

  it('a canary that a shift made larger than its plan, as stable was larger by then: on record once it was ready', () => {
    const drive = shiftingTo20()
    const grown = { blue: { replicas: 25, sizedBy: 'kube-controller-manager' } }
    const found = (replicas: number) =>
      driftOf(drive.state, viewOf(drive.state, { ...grown, green: { replicas } }))?.what
    for (const replicas of [1, 3, 5, 8]) expect(found(replicas)).toBeUndefined()
    expect(found(9)).toBe('svc-green has size 9, expected 3 or 1')
    expect(found(2)).toBeDefined()
    drive.say({ type: 'record-canary-ready', phase: 2, replicas: 8, ms: 1 })
    expect(found(8)).toBeUndefined()
    for (const replicas of [5, 9]) expect(found(replicas)).toBe(`svc-green has size ${replicas}, expected 8 or 1`)
  })

  it.each(['kube-controller-manager', 'horizontal-pod-autoscaler', 'k3s', 'kubelite'])(
    'a size that %s wrote',
    (sizedBy) => {
      const { state } = at('soaking')
      expect(
        driftOf(state, viewOf(state, { green: { replicas: 4, sizedBy }, blue: { replicas: 20, sizedBy } })),
      ).toBeNull()
    },
  )

  it('a larger size that somebody decided to keep, and no other', () => {
    const drive = at('soaking')
    const larger = { track: 'green', replicas: 4 } as const
    drive.say({ type: 'record-drift', what: 'svc-green has size 4, expected 1', manager: 'kubectl', larger })
    drive.say({ type: 'take-over' })
    const { state } = drive
    expect(driftOf(state, viewOf(state, { green: { replicas: 4 } }))).toBeNull()
    expect(driftOf(state, viewOf(state, { green: { replicas: 5 } }))).not.toBeNull()
  })

  it('anything before the parts are known', () => {
    const { state } = at('preparing')
    expect(driftOf(state, viewOf(state, { weight: 40 }))).toBeNull()
  })
})

describe('drift is', () => {
  it('another weight, told with who wrote the route; its own is the one that was signed', () => {
    const { state } = at('soaking')
    expect(driftOf(state, viewOf(state, { weight: 40 }))).toEqual({
      what: 'the canary gets 40 %, expected 5 %',
      manager: 'kubectl-edit',
      own: { weight: 5, found: 40 },
    })
  })

  it('a third weight in a shift; its own is the one before, never the one to come', () => {
    const { state } = shiftingTo20()
    expect(driftOf(state, viewOf(state, { weight: 40 }))).toMatchObject({
      what: 'the canary gets 40 %, expected 5 or 20 %',
      own: { weight: 5, found: 40 },
    })
  })

  it('another size, told with who scaled it', () => {
    const { state } = at('soaking')
    const scaled = { replicas: 3, sizedBy: 'kubectl', lastManager: 'slipway' }
    expect(driftOf(state, viewOf(state, { blue: scaled }))).toEqual({
      what: 'svc-blue has size 3, expected 10',
      manager: 'kubectl',
      own: { track: 'blue', image: parts.stableImage, replicas: 10 },
    })
  })

  it('a larger size, which taking over keeps', () => {
    const { state } = at('soaking')
    expect(driftOf(state, viewOf(state, { green: { replicas: 4 } }))?.larger).toEqual({ track: 'green', replicas: 4 })
    expect(driftOf(state, viewOf(state, { green: { replicas: 0 } }))).not.toHaveProperty('larger')
  })

  it('the size of a phase by its weight or in full', () => {
    const small = at('soaking').state
    expect(driftOf(small, viewOf(small, { green: { replicas: 3 } }))?.own).toMatchObject({ replicas: sizeIn(1) })
    expect(driftOf(released(), viewOf(released(), { green: { replicas: 3 } }))?.own).toMatchObject({ replicas: 10 })
  })

  it('another image; its own leaves the size as it is, which an autoscaler may have raised', () => {
    const { state } = at('soaking')
    const changed = { image: 'other:1', replicas: 20, lastManager: 'kubectl-set', sizedBy: 'kube-controller-manager' }
    for (const [name, own] of [
      ['blue', parts.stableImage],
      ['green', spec.image],
    ] as const)
      expect(driftOf(state, viewOf(state, { [name]: changed }))).toEqual({
        what: `svc-${name} has image other:1, expected ${own}`,
        manager: 'kubectl-set',
        own: { track: name, image: own, replicas: 20 },
      })
  })

  it('everything at once, told as one with everybody who wrote', () => {
    const { state } = at('soaking')
    const green = { image: 'other:1', replicas: 3, lastManager: 'kubectl-set', sizedBy: 'kubectl-scale' }
    const drifts = driftsOf(
      state,
      viewOf(state, { weight: 40, blue: { replicas: 3, sizedBy: 'kubectl-scale' }, green }),
    )
    expect(driftFound(drifts)).toEqual({
      type: 'record-drift',
      what: `the canary gets 40 %, expected 5 %; svc-blue has size 3, expected 10; svc-green has image other:1, expected ${spec.image}; svc-green has size 3, expected ${sizeIn(1)}`,
      manager: 'kubectl-edit, kubectl-scale, kubectl-set',
      larger: { track: 'green', replicas: 3 },
      weight: 40,
    })
    expect(driftFound([])).toBeNull()
  })

  it('unknown where the API server does not tell who wrote', () => {
    const { state } = at('soaking')
    expect(driftOf(state, viewOf(state, { blue: { replicas: 3 } }))?.manager).toBe('unknown')
  })
})

describe('after the end of the record was lost', () => {
  const fence = { rollout: 1, version: 99 }

  /** The cluster is further than the ledger: the canary is of full size and has this weight. */
  function lost(drive: Drive, weight: number): State {
    drive.say({ ...parts, type: 'record-newer-fence', weight, fence })
    return drive.state
  }

  const full = { image: spec.image, replicas: 10 }

  it('sizes are taken as they are, and the released image is the canary’s own', () => {
    for (const stage of ['awaiting-sign-off', 'shifting', 'soaking', 'released'] as const) {
      const state = lost(at(stage), 50)
      expect(driftOf(state, viewOf(state, { green: full, blue: { replicas: 2 } }))).toBeNull()
      const old = { ...full, image: parts.canaryImage }
      expect(driftOf(state, viewOf(state, { green: old }))?.own).toMatchObject({ image: spec.image, replicas: 10 })
    }
  })

  it('also once it is accepted: the canary with all traffic is never called too large', () => {
    const drive = at('soaking')
    lost(drive, 100)
    const accept = { type: 'accept-targets', reason: 'fine', roles: [spec.decides], holders: [] } as const
    drive.say(accept, holderOf(spec.decides))
    expect(drive.state.stage).toBe('released')
    expect(driftOf(drive.state, viewOf(drive.state, { green: full }))).toBeNull()
  })

  it('without traffic yet the canary may have either image', () => {
    const state = lost(at('awaiting-sign-off'), 0)
    for (const image of [parts.canaryImage, spec.image])
      expect(driftOf(state, viewOf(state, { green: { ...full, image } }))).toBeNull()
    expect(driftOf(state, viewOf(state, { green: { ...full, image: 'other:1' } }))?.own).toMatchObject({
      image: spec.image,
    })
  })

  it('a changed weight is seen all the same', () => {
    const state = lost(at('soaking'), 50)
    expect(driftOf(state, viewOf(state, { weight: 60, green: full }))?.own).toEqual({ weight: 50, found: 60 })
  })
})

it('a phase that was soaked keeps its size until the next one is shifted', () => {
  const drive = shiftingTo20()
  shift(drive)
  soak(drive)
  expect(driftOf(drive.state, viewOf(drive.state, { green: { replicas: sizeIn(1) } }))?.own).toMatchObject({
    replicas: sizeIn(2),
  })
})
