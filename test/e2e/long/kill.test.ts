import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ledgerOf } from '../../../src/sandbox/ledger-of.ts'
import { type ReleaseTeam, releaseTeam } from '../../../src/sandbox/release-team.ts'
import { slipwayMain } from '../../../src/sandbox/slipway-process.ts'
import type { World } from '../../../src/sandbox/world.ts'
import { settledStory } from '../story.ts'
import { startUnhurriedWorld } from '../unhurried.ts'

let world: World
let team: ReleaseTeam
beforeEach(async () => {
  world = await startUnhurriedWorld({ speed: 360 })
  team = releaseTeam(world)
})
afterEach(async () => {
  await world.stop()
  // Whatever Slipway did, Slack would have taken it.
  expect(world.workspace.strict.refused).toEqual([])
})

async function killAndStartAgain(): Promise<void> {
  world.slipway?.kill('SIGKILL')
  await world.slipway?.exited
  await world.startSlipway()
}

test('killed in the middle of a soak and of a shift, the release goes on as if nothing had happened', async () => {
  const card = await team.startRelease('5.1.0')
  await team.signPhase(card, 1)
  await team.hears(card, /The canary gets 5 %/)
  await killAndStartAgain()
  await team.signPhase(card, 2)
  // The shift of phase 2 is under way: its canary is being sized.
  await killAndStartAgain()
  await team.hears(card, /The canary gets 20 %/)
  for (const phase of [3, 4]) await team.signPhase(card, phase)
  await team.hears(card, /Complete:/)
  await team.hears(card, /Cleaned up/)

  const { expected, posted } = await settledStory(world, card, 1)
  expect(posted).toEqual(expected)
  const weights = (await ledgerOf(world, 1)).flatMap((e) => (e.type === 'traffic-shifted' ? [e.weight] : []))
  expect(weights).toEqual([5, 20, 50, 100])
  const { blue, green } = world.service.requests()
  expect(blue.lost + green.lost).toBe(0)
  expect(world.pagerduty.incidents()).toEqual([])

  // The old track has no pods any more: break-glass must know that the new version is stable now.
  const env = { PATH: process.env.PATH ?? '', HOME: world.dir, KUBECONFIG: world.kubernetes.kubeconfig }
  await promisify(execFile)(process.execPath, [slipwayMain, 'rollback', '-f'], { env, cwd: world.dir })
  expect(await weightsOf(world)).toEqual({ blue: 0, green: 100 })
}, 500_000)

test('with Redis stopped during a soak, a breach still brings the weights back, and the thread tells it afterwards', async () => {
  const card = await team.startRelease('5.1.0')
  await team.signPhase(card, 1)
  await team.hears(card, /The canary gets 5 %/)
  await world.redis.stop()
  world.service.break('error-rate')
  await expect.poll(() => weightsOf(world), { timeout: 60_000, interval: 100 }).toEqual({ blue: 100, green: 0 })
  await world.redis.start()
  await team.hears(card, /Limit broken: Error rate/)
  await team.hears(card, /Rolled back\. Nothing to do now/)
  world.service.heal()
  await team.hears(card, /Cleaned up/)
  await team.hears(card, /The incident is resolved/)

  const { expected, posted } = await settledStory(world, card, 1)
  expect(posted).toEqual(expected)
  expect(world.pagerduty.incidents()).toHaveLength(1)
}, 500_000)

/** The weights as the cluster has them. */
async function weightsOf({ kubernetes, config }: World): Promise<Record<string, number>> {
  const { createCluster } = await import('../../../src/cluster/cluster.ts')
  const { KubeConfig } = await import('@kubernetes/client-node')
  const { systemClock } = await import('../../../src/clock.ts')
  const kubeConfig = new KubeConfig()
  kubeConfig.loadFromFile(kubernetes.kubeconfig)
  const cluster = createCluster({ kubeConfig, config: config.cluster, service: config.service, clock: systemClock })
  return (await cluster.view()).route.weights
}
