import { defineFigureCheck } from '../define-figure-check.ts'

/** No workflow hangs: it would be cut off when its pod leaves. */
export const workflowsStuck = defineFigureCheck({
  category: 'agents',
  name: 'workflows-stuck',
  title: 'No workflow is stuck',
  figure: 'workflows that are stuck',
  expect: '<= 0',
  mend: 'Finish or cancel these workflows: their state would be lost with their pods.',
})
