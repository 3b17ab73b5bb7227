import { defineFigureCheck } from '../define-figure-check.ts'

/** Enough agents are there before the release takes any away. */
export const agentsAvailable = defineFigureCheck({
  category: 'agents',
  name: 'agents-available',
  title: 'Enough agents are available',
  figure: 'agents that are available',
  expect: '>= 1',
  mend: 'Bring the missing agents back first: the release would be judged by their absence.',
})
