import { defineFigureCheck } from '../define-figure-check.ts'

/** Agents of different versions work together: none is of a version that the new one can't work with. */
export const agentsCompatible = defineFigureCheck({
  category: 'agents',
  name: 'agents-compatible',
  title: "The agents' versions go with the new one",
  figure: 'agents of a version that does not go with the new one',
  expect: '<= 0',
  mend: 'Update these agents to a version that goes with both, or release a version in between.',
  startOnly: true,
})
