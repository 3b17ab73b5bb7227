import { defineFigureCheck } from '../define-figure-check.ts'

/** Workflows succeed before the release, so that a failure after it is the release's. */
export const workflowsSucceeding = defineFigureCheck({
  category: 'agents',
  name: 'workflows-succeeding',
  title: 'Workflows succeed',
  figure: 'the share of workflows that succeed',
  expect: '>= 98%',
  mend: 'Find out why workflows fail before something else changes.',
})
