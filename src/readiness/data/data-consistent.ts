import { defineFigureCheck } from '../define-figure-check.ts'

/** Data is consistent before the release, so that an inconsistency after it is the release's. */
export const dataConsistent = defineFigureCheck({
  category: 'data',
  name: 'data-consistent',
  title: 'Data is consistent',
  figure: 'the share of data that is consistent',
  expect: '>= 100%',
  mend: 'Repair the data, and verify it, before something else changes.',
})
