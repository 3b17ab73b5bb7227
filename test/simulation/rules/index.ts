import type { Observations } from '../witness.ts'
import { allAnswered } from './all-answered.ts'
import { autoscalersHeld } from './autoscalers-held.ts'
import { breachRollsBack } from './breach-rolls-back.ts'
import { clocksAgree } from './clocks-agree.ts'
import { comesToRest } from './comes-to-rest.ts'
import { fenceHolds } from './fence-holds.ts'
import { gateHolds } from './gate-holds.ts'
import { heldForPods } from './held-for-pods.ts'
import { journalWhole } from './journal-whole.ts'
import { ledgerWhole } from './ledger-whole.ts'
import { missingIsNoNumber } from './missing-is-no-number.ts'
import { nothingDone } from './nothing-done.ts'
import { pagedOnce } from './paged-once.ts'
import { podsLeaveLast } from './pods-leave-last.ts'
import { rollbackDone } from './rollback-done.ts'
import type { Rule, Scene } from './scene.ts'
import { signOffUsedOnce } from './sign-off-used-once.ts'
import { soakObserved } from './soak-observed.ts'
import { stableKeepsSize } from './stable-keeps-size.ts'
import { startedOnce } from './started-once.ts'
import { toldOnce } from './told-once.ts'
import { unlessLost } from './unless-lost.ts'
import { weightsFirst } from './weights-first.ts'

const rules: readonly Rule[] = [
  rollbackDone,
  breachRollsBack,
  weightsFirst,
  stableKeepsSize,
  autoscalersHeld,
  gateHolds,
  signOffUsedOnce,
  startedOnce,
  soakObserved,
  fenceHolds,
  podsLeaveLast,
  heldForPods,
  missingIsNoNumber,
  clocksAgree,
  unlessLost(allAnswered),
  nothingDone,
  ledgerWhole,
  unlessLost(toldOnce),
  unlessLost(pagedOnce),
  unlessLost(journalWhole),
  comesToRest,
]

/** Every rule, watching one run. */
export function createRules(scene: Scene): readonly Observations[] {
  return rules.map((rule) => rule(scene))
}
