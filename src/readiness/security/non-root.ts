import type { V1Deployment } from '@kubernetes/client-node'
import { block, defineCheck, few, pass } from '../check.ts'

/** The containers of a template that may run as root. */
function rootsOf({ metadata, spec }: V1Deployment): readonly string[] {
  const pod = spec?.template.spec
  return [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])].flatMap(({ name, securityContext }) => {
    const nonRoot = securityContext?.runAsNonRoot ?? pod?.securityContext?.runAsNonRoot ?? false
    return nonRoot ? [] : [`${name} of ${metadata?.name}`]
  })
}

/** No container may run as root. */
export const nonRoot = defineCheck({
  category: 'security',
  name: 'non-root',
  title: 'No container runs as root',
  severity: 'warn',
  settings: {},
  looksAt: () => 'the security contexts of both pod templates',
  expects: () => 'runAsNonRoot: true',
  async run({ cluster }) {
    const templates = await Promise.all([cluster.deployment('blue'), cluster.deployment('green')])
    const roots = templates.flatMap(rootsOf)
    if (roots.length === 0) return pass('none may')
    return block(`may: ${few(roots)}`, 'Set runAsNonRoot: true in both templates.', roots)
  },
})
