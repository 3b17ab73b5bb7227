import type { CheckSettings } from '../../src/config/config.ts'
import { imageOf } from '../../src/config/release-name.ts'
import { catalogue } from '../../src/readiness/catalogue.ts'
import type { Check } from '../../src/readiness/check.ts'
import { createReadiness } from '../../src/readiness/readiness.ts'
import type { Finding, ReadinessReport } from '../../src/readiness/report.ts'
import type { Outside } from '../../src/readiness/subject.ts'
import { botScopes } from '../../src/slack/check-connection.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'
import { createFakeSnapshot, type FakeSnapshot, snapshotOf } from './fake-snapshot.ts'

/** Redis' INFO, as far as it is read. */
export const healthyInfo = [
  ...['# Memory', 'used_memory:1000', 'maxmemory:0', 'maxmemory_policy:noeviction'],
  ...['# Persistence', 'aof_enabled:1', 'aof_last_write_status:ok'],
].join('\r\n')

/** A healthy world in memory and everything that readiness asks, for a test to break. */
export interface Examined {
  readonly world: FakeWorld
  readonly cluster: FakeSnapshot
  outside: Outside
  /** Runs one check, with settings as they stand in the file. */
  examine(name: string, settings?: object, version?: string): Promise<Finding>
  /** Runs these checks (all, where none are named). */
  report(checks?: readonly Check[], version?: string): Promise<ReadinessReport>
}

export function createExamined(): Examined {
  const world = createFakeWorld()
  const cluster = createFakeSnapshot(world.time)
  const examined: Examined = {
    world,
    cluster,
    outside: {
      lookAtCluster: () => snapshotOf(world, cluster),
      lastSuccess: async () => ({ at: world.time }),
      alerts: async () => [],
      dashboard: async () => 'The release',
      mayWriteSpace: async () => true,
      channel: async () => undefined,
      onCall: async () => ['On-call SRE'],
      apiServer: 'https://10.0.0.1',
      redisInfo: async () => healthyInfo,
      botScopes: async () => botScopes,
      fetch: async () => ({ status: 200 }),
      findImage: async () => 'sha256:1',
      certificateEnd: async () => world.time + 90 * 86_400_000,
    },
    async examine(name, settings, version) {
      const check = catalogue.find((c) => c.name === name)
      if (check === undefined) throw new Error(`no check ${name}`)
      const configured = settings === undefined ? undefined : check.schema.parse(settings)
      const { findings, off } = await run([check], version, configured && { [name]: configured })
      const [finding] = findings
      if (finding === undefined) throw new Error(`${name} is off: ${off[0]?.why}`)
      return finding
    },
    report: (checks = catalogue, version) => run(checks, version),
  }

  async function run(checks: readonly Check[], version = '5.1.0', settings: Record<string, CheckSettings> = {}) {
    const { config } = world
    const readiness = { ...config.readiness, checks: { ...config.readiness.checks, ...settings } }
    const subject = { ...world, config: { ...config, readiness } }
    return createReadiness(
      subject,
      examined.outside,
      checks,
    )({
      ...{ id: 'id', version, image: imageOf(config, { version }) },
    })
  }
  return examined
}
