import { disruptionBudgets } from '../../cluster/kinds.ts'
import { selects } from '../../cluster/label-selector.ts'
import { SlipwayError } from '../../errors.ts'
import { block, counted, defineCheck, few, pass } from '../check.ts'
import { stableOf } from '../tracks.ts'

/** A budget that allows no disruption now holds the drain of a node up, in the middle of a release. */
export const budgets = defineCheck({
  category: 'infrastructure',
  name: 'disruption-budgets',
  title: "The disruption budgets of stable's pods are not used up",
  severity: 'warn',
  unknown: 'warn',
  settings: {},
  looksAt: ({ config }) => `the PodDisruptionBudgets (policy/v1) of ${config.cluster.namespace} that cover stable`,
  expects: () => 'each allows at least one disruption',
  async run(subject) {
    const { cluster } = subject
    const { track } = await stableOf(subject)
    const labels = (await cluster.deployment(track)).spec?.template.metadata?.labels ?? {}
    // One without a selector is for no pods.
    const covering = (await cluster.list(disruptionBudgets, 'namespace').catch(notServed)).filter(
      ({ spec }) => spec.selector !== undefined && selects(spec.selector, labels),
    )
    const usedUp = covering
      .filter(({ status }) => (status?.disruptionsAllowed ?? 0) < 1)
      .map(({ metadata, status }) => {
        return `${metadata.name} allows none (${status?.currentHealthy ?? 0} healthy, ${status?.desiredHealthy ?? 0} needed)`
      })
    if (usedUp.length > 0) return block(few(usedUp), 'Wait until enough pods are healthy, or widen the budget.', usedUp)
    return pass(covering.length === 0 ? 'no budget covers it' : counted(covering.length, 'allows one', 'allow one'))
  },
})

/** An API server of before 1.21 has no such list. */
function notServed(cause: unknown): never {
  if (!(cause instanceof SlipwayError) || cause.code !== 'cluster-not-found') throw cause
  const what = 'PodDisruptionBudgets of policy/v1'
  throw new SlipwayError('kind-not-served', { what, since: '1.21', check: 'disruption-budgets' }, { cause })
}
