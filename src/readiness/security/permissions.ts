import { neededAccess } from '../../cluster/own-access.ts'
import { block, defineCheck, few, pass } from '../check.ts'
import type { Access } from '../snapshot.ts'

const accessText = ({ verb, resource, name }: Access) => `${verb} ${resource}${name ? `/${name}` : ''}`

/** Slipway may do all that a rollout takes, a rollback above all. */
export const permissions = defineCheck({
  category: 'security',
  name: 'permissions',
  title: 'Slipway may do what it must',
  settings: {},
  looksAt: () => 'a SelfSubjectAccessReview for every verb that a rollout uses',
  expects: ({ config }) => neededAccess(config).map(accessText).join(', '),
  async run({ cluster, config }) {
    const needed = neededAccess(config)
    const asked = await Promise.all(needed.map(async (access) => ({ access, may: await cluster.may(access) })))
    const missing = asked.filter(({ may }) => !may).map(({ access }) => accessText(access))
    if (missing.length === 0) return pass(`all ${needed.length}`)
    return block(`may not: ${few(missing)}`, 'Grant it as k8s/slipway-rbac.yaml does.', missing)
  },
})
