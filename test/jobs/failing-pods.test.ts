import { describe, expect, it } from 'vitest'
import { createEmergency } from '../../src/jobs/emergency.ts'
import { troubleLasts } from '../../src/jobs/failing-pods.ts'
import { own } from '../../src/jobs/outcome.ts'
import { pageOf } from '../../src/jobs/page-texts.ts'
import type { PodProblem } from '../../src/jobs/ports.ts'
import { shift } from '../../src/jobs/shift.ts'
import type { EventOf, Evidence } from '../../src/rollout/events.ts'
import { threadText } from '../../src/slack/texts.ts'
import { spec } from '../rollout/drive.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { eventsOf, look, nextPhase, say, sign, startRelease, stateOf } from './release.ts'

const crash: PodProblem = {
  pod: 'claude-enhancer-green-1',
  reason: 'CrashLoopBackOff',
  message: 'container claude-enhancer ended with exit code 1, 4 restarts',
  ended: { container: 'claude-enhancer', previous: false },
}
const homeless: PodProblem = { pod: 'claude-enhancer-green-2', reason: 'Unschedulable', message: '0/3 nodes: cpu' }

/** Phase 1 has its weight. */
async function withTraffic(): Promise<FakeWorld> {
  const world = createFakeWorld()
  await startRelease(world)
  await shift(world, 1, false)
  world.shown.log = ['no such table: <!channel> ```', 'at migrate']
  return world
}

async function evidenceOf(world: FakeWorld): Promise<Evidence | undefined> {
  return (await stateOf(world)).breaches[0]?.evidence
}

describe('before it has traffic', () => {
  it('a canary whose pod crashes stops the step within seconds, with the words of the pod and its last lines', async () => {
    const world = createFakeWorld()
    await startRelease(world)
    world.shown.log = ['no such table: <!channel> ```', 'at migrate']
    world.shown.readyAfterSize = false
    world.shown.troubles.green = crash
    const begun = world.time
    const clock = {
      now: () => world.time,
      // Time passes as the job waits for it.
      wait: async (ms: number) => {
        world.time += ms
      },
    }
    await shift({ ...world, clock }, 1, false)
    expect(world.time - begun).toBeLessThan(2 * troubleLasts)
    expect(world.weights).toEqual({ blue: 100, green: 0 })
    const state = await stateOf(world)
    expect(state.failure?.what).toContain('ended with exit code 1, 4 restarts')
    const failed = (await world.rollouts.history(1)).find((e) => e.type === 'step-failed')
    const told = failed === undefined ? null : threadText(failed, state)
    expect(told).toMatchObject({ broadcast: true })
    expect(told?.text).toContain("no such table: &lt;!channel&gt; '''\nat migrate\n```")
  })

  it('new pods that fail while the next phase is sized are that step’s failure, not a breach of those that serve', async () => {
    const world = await withTraffic()
    await signNextPhase(world)
    world.shown.troubles.green = crash
    await look(world, 5)
    expect(await eventsOf(world)).not.toContain('breach-confirmed')
  })

  it.each([crash, homeless])('but pods that serve and fail as well are one ($reason)', async (trouble) => {
    const world = await withTraffic()
    await signNextPhase(world)
    world.shown.troubles.green = trouble
    world.ready.green = 0
    await look(world, 2)
    expect((await evidenceOf(world))?.pod?.reason).toBe(trouble.reason)
  })

  it('fewer of them than the phase wants that has the traffic are one, not fewer than the coming one wants', async () => {
    const world = await withTraffic()
    await nextPhase(world)
    await signNextPhase(world)
    world.shown.troubles.green = crash
    expect(world.ready.green).toBe(2)
    await look(world, 3)
    expect(await eventsOf(world)).not.toContain('breach-confirmed')
    world.ready.green = 1
    await look(world, 2)
    expect((await evidenceOf(world))?.pod?.reason).toBe('CrashLoopBackOff')
  })
})

/** The next phase is signed, and its shift has not run. */
async function signNextPhase(world: FakeWorld): Promise<void> {
  const { phase } = await stateOf(world)
  const observed = spec.phases[phase - 1]?.soak ?? 0
  world.time += observed
  await world.rollouts.execute(1, own(world, { type: 'record-soak', phase, of: 'soak', observed, figures: [] }))
  await say(world, { type: 'advance' }, 'devops')
  await sign(world)
  expect((await stateOf(world)).stage).toBe('shifting')
}

describe('with traffic', () => {
  it('a pod that goes on crashing is a breach, told with its own words and its last lines, and paged', async () => {
    const world = await withTraffic()
    world.shown.troubles.green = crash
    await look(world)
    expect(await eventsOf(world)).not.toContain('breach-confirmed')
    await look(world)
    expect((await stateOf(world)).rollback).toMatchObject({ cause: 'breach' })
    const { name, reason, log } = (await evidenceOf(world))?.pod ?? {}
    expect([name, reason, log]).toEqual([crash.pod, crash.reason, world.shown.log])
    const event = (await world.rollouts.history(1)).find((e) => e.type === 'breach-confirmed')
    const state = await stateOf(world)
    if (event === undefined) throw new Error('no breach')
    const text = threadText(event, state)?.text
    expect(text).toContain('*Pods of the canary fail: claude-enhancer-green-1: CrashLoopBackOff: container')
    expect(text).not.toContain('<!channel>')
    expect(pageOf(event, state, 'k')).toMatchObject({ severity: 'critical', details: { pod: crash.pod } })
    expect(pageOf(event, state, 'k').summary).toContain('fails (CrashLoopBackOff) in phase 1; rolling back')
  })

  it('tells as many of its last lines as a message has room for, whatever stands in them', async () => {
    const world = await withTraffic()
    world.shown.log = Array.from({ length: 10 }, (_, index) => `${index}${'<'.repeat(190)}`)
    world.shown.troubles.green = crash
    await look(world, 2)
    const event = (await world.rollouts.history(1)).find((e) => e.type === 'breach-confirmed')
    const text = (event && threadText(event, await stateOf(world))?.text) ?? ''
    expect(text).toMatch(/```\n8(&lt;)+\n9(&lt;)+\n```$/)
    expect(text.length).toBeLessThan(3_000)
  })

  it('what has passed by the next look is none, and neither is what was seen long ago', async () => {
    const world = await withTraffic()
    for (const trouble of [crash, undefined, crash]) {
      if (trouble === undefined) delete world.shown.troubles.green
      else world.shown.troubles.green = trouble
      await look(world)
    }
    world.time += 10 * spec.interval
    await look(world)
    expect(await eventsOf(world)).not.toContain('breach-confirmed')
    await look(world)
    expect(await eventsOf(world)).toContain('breach-confirmed')
  })

  it('a pod without a place is one only when too few others serve', async () => {
    const world = await withTraffic()
    world.shown.troubles.green = homeless
    await look(world, 3)
    expect(await eventsOf(world)).not.toContain('breach-confirmed')
    world.ready.green = 0
    await look(world, 2)
    expect((await evidenceOf(world))?.pod?.reason).toBe('Unschedulable')
  })

  it('none that is ready is one, whatever they say, told as the Deployment’s', async () => {
    const world = await withTraffic()
    world.ready.green = 0
    // A probe that fails for a moment, or a pod that moves to another node, is none.
    await look(world, 2)
    expect(await eventsOf(world)).not.toContain('breach-confirmed')
    await look(world)
    const event = (await world.rollouts.history(1)).find((e) => e.type === 'breach-confirmed')
    const state = await stateOf(world)
    expect(state.rollback).toMatchObject({ cause: 'breach', reason: 'claude-enhancer-green fails (NoReadyPods)' })
    const text = event === undefined ? '' : threadText(event, state)?.text
    expect(text).toContain('*Pods of the canary fail: claude-enhancer-green: NoReadyPods: no pod is ready, 1 wanted.*')
  })

  it('none that is ready for a moment, or of this image only, is none', async () => {
    const world = await withTraffic()
    for (const ready of [0, 1, 0]) {
      world.ready.green = ready
      await look(world)
    }
    world.shown.serving.green = 1
    await look(world, 3)
    expect(await eventsOf(world)).not.toContain('breach-confirmed')
  })

  it('says that it is probably not the release where stable has no ready pod either', async () => {
    const world = await withTraffic()
    Object.assign(world.ready, { green: 0, blue: 0 })
    await look(world, 3)
    expect(await evidenceOf(world)).toMatchObject({ stableToo: true })
  })

  it('says that it is probably not the release where pods of stable fail, too', async () => {
    const world = await withTraffic()
    Object.assign(world.shown.troubles, { green: crash, blue: { ...crash, pod: 'claude-enhancer-blue-1' } })
    await look(world, 2)
    expect(await evidenceOf(world)).toMatchObject({ stableToo: true })
    const event = (await world.rollouts.history(1)).find((e) => e.type === 'breach-confirmed')
    const text = event === undefined ? '' : threadText(event, await stateOf(world))?.text
    expect(text).toContain('Pods of stable fail, too: this is probably not the release.')
  })

  it('pods of stable alone are no breach', async () => {
    const world = await withTraffic()
    world.shown.troubles.blue = crash
    await look(world, 4)
    expect(await eventsOf(world)).not.toContain('breach-confirmed')
  })

  it('is answered without Redis, too', async () => {
    const world = await withTraffic()
    const emergency = createEmergency(world)
    world.shown.troubles.green = crash
    await emergency.watch(world.time)
    expect(world.weights.green).toBe(5)
    world.time += spec.interval
    await emergency.watch(world.time)
    expect(world.weights).toEqual({ blue: 100, green: 0 })
    await emergency.record()
    const breach = (await world.rollouts.history(1)).find(
      (e): e is EventOf<'breach-confirmed'> => e.type === 'breach-confirmed',
    )
    expect(breach?.evidence.pod?.name).toBe(crash.pod)
  })

  it('seen at two moments far apart without Redis says nothing about the time between', async () => {
    const world = await withTraffic()
    const emergency = createEmergency(world)
    world.shown.troubles.green = crash
    await emergency.watch(world.time)
    world.time += 4 * spec.interval
    await emergency.watch(world.time)
    expect(world.weights.green).toBe(5)
    world.time += spec.interval
    await emergency.watch(world.time)
    expect(world.weights.green).toBe(0)
  })
})
