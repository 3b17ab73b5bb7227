import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node'
import { duration, numberBetween } from '../../config/fields.ts'
import { durationText } from '../../slack/format.ts'
import { block, defineCheck, few, pass } from '../check.ts'
import { stablePods } from '../stable-pods.ts'

/** The containers that run as long as the pod does: those init containers that keep running are sidecars. */
function lasting({ spec, status }: V1Pod): readonly V1ContainerStatus[] {
  const sidecars = spec?.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always') ?? []
  const others = status?.initContainerStatuses?.filter(({ name }) => sidecars.some((one) => one.name === name)) ?? []
  return [...(status?.containerStatuses ?? []), ...others]
}

/** No container of stable has ended lately or keeps crashing. */
export const restarts = defineCheck({
  category: 'application',
  name: 'restarts',
  title: "Stable's containers have not been restarted lately",
  severity: 'warn',
  settings: {
    within: duration.prefault('1h').describe('How far it looks back.'),
    atMost: numberBetween(0, 1_000)
      .prefault(0)
      .describe('So many containers may have been restarted within that time.'),
  },
  looksAt: (_, { within }) => `the containers of stable's pods that ended within ${durationText(within)}`,
  expects: (_, { atMost }) => `at most ${atMost}, and none that keeps crashing`,
  async run(subject, { within, atMost }) {
    const since = subject.world.clock.now() - within
    const all = (await stablePods(subject)).flatMap((pod) =>
      lasting(pod).map((status) => ({ pod: pod.metadata?.name ?? '', status })),
    )
    const crashing = all
      .filter(({ status }) => status.state?.waiting?.reason === 'CrashLoopBackOff')
      .map(({ pod, status }) => `${pod}: ${status.name} keeps crashing`)
    const lately = all.flatMap(({ pod, status }) => {
      const end = status.lastState?.terminated
      if (end?.finishedAt === undefined || new Date(end.finishedAt).getTime() < since) return []
      return [`${pod}: ${status.name} ended (${end.reason ?? `exit code ${end.exitCode}`})`]
    })
    const mend = 'Find out why before a release: kubectl logs --previous.'
    if (crashing.length > 0) return block(few(crashing, 3), mend, crashing)
    if (lately.length > atMost) return block(few(lately, 3), mend, lately)
    return pass(lately.length === 0 ? 'none' : `${lately.length}`)
  },
})
