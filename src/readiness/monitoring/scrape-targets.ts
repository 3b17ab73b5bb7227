import { words } from '../../config/fields.ts'
import { askPrometheus } from '../ask-prometheus.ts'
import { block, defineCheck, pass } from '../check.ts'

/** Every scrape target of the service answers: one that does not takes its numbers out of every sum. */
export const scrapeTargets = defineCheck({
  category: 'monitoring',
  name: 'scrape-targets',
  title: 'Every scrape target is up',
  settings: {
    selector: words
      .exactOptional()
      .describe('Labels of the targets in `up`, such as job="claude-enhancer". Off without it.'),
  },
  offBecause: ({ selector }) => (selector === undefined ? 'no selector is configured' : undefined),
  looksAt: (_, { selector }) => `up{${selector}} in Prometheus`,
  expects: () => 'at least one target, and none that is down',
  async run(subject, { selector }) {
    const [all, down] = await Promise.all([
      askPrometheus(subject, `count(up{${selector}})`),
      askPrometheus(subject, `count(up{${selector}} == 0) or 0 * count(up{${selector}})`),
    ])
    if ('why' in all) return block(`no target (${all.why})`, "Compare the selector with Prometheus' page of targets.")
    if ('why' in down) return block(`unknown (${down.why})`, "Compare the selector with Prometheus' page of targets.")
    const found = `${all.value - down.value} of ${all.value} targets up`
    return down.value === 0 ? pass(found) : block(found, "See on Prometheus' page of targets why they don't answer.")
  },
})
