import { missingRoles, openCheckpoints } from '../../../src/rollout/sign-off.ts'
import { holdsService, isOver, type State } from '../../../src/rollout/state.ts'
import { howToLetGoOn } from '../../../src/rollout/unsigned.ts'
import type { Ask, Wish } from '../../../src/slack/ask.ts'
import { readReference } from '../../../src/slack/reference.ts'
import { approveAs, tickOff } from '../../../src/slack/sign-off-buttons.ts'
import { sampleReport } from '../../readiness/sample-report.ts'
import type { Outside } from '../outside.ts'
import { config, configFor, deputy } from '../spec.ts'
import { privateButtons, type ShownButton, shownButtons } from './buttons.ts'
import { putBack, takeAwayFrom } from './by-hand.ts'
import type { Delivery } from './delivery.ts'

const second = 1_000

/** The release team: looks at Slack every few seconds and presses what is due, and now and then what is not, until it goes home. */
export function createTeam(outside: Outside, delivery: Delivery, goesHome: number) {
  const { timeline, random, scenario, slack, witness, redis } = outside
  const { temper } = scenario
  /** When which button was pressed last, so that people wait for what comes of it. */
  const pressed = new Map<string, number>()
  let wishes = 0

  const anyone = () => random.pick(Object.values(config.roles)).users[0] ?? ''
  const holderOf = (role: string) => config.roles[role]?.users[0] ?? ''

  function wish(user: string, ask: Ask, button?: ShownButton): void {
    wishes += 1
    const target = button === undefined ? null : readReference(button.value, config.service)
    delivery.deliver({
      id: `w-${wishes}`,
      at: timeline.now,
      user: { id: user, name: user },
      ...(button?.thread && { thread: button.thread }),
      ...(target !== null && target.rollout > 0 && { target }),
      ask,
    } satisfies Wish)
  }

  /** Presses a button unless somebody has just done so. */
  function press(button: ShownButton, user: string, ask: Ask): void {
    const key = `${button.action} ${button.value} ${user}`
    if ((pressed.get(key) ?? 0) > timeline.now - 20 * second) return
    pressed.set(key, timeline.now)
    wish(user, ask, button)
    if (random.chance(temper.twice)) wish(user, ask, button)
  }

  function look(): void {
    if (outside.faults.isGone('slack')) return
    const state = newest()
    if (state === undefined || (isOver(state) && !holdsService(state))) {
      if (witness.ledgers.size < scenario.releases) begin()
    }
    liftLock()
    if (state === undefined) return
    const buttons = shownButtons(slack, state.rollout)
    if (!outside.faults.isOver()) whim(state, buttons)
    else if ((state.drift !== undefined || state.lost !== undefined) && random.chance(0.1)) giveUp()
    const find = (action: string) => buttons.findLast((b) => b.action === action)
    const approve = find('approve')
    if (approve !== undefined && state.request !== undefined) sign(state, approve)
    lookAtCheckpoints(state, buttons)
    const advance = find('advance')
    if (advance !== undefined && state.request === undefined && canAsk(state))
      press(advance, holderOf('devops'), { kind: 'advance' })
    const retry = find('retry')
    if (retry !== undefined && state.failure !== undefined && random.chance(0.3)) {
      if (outside.faults.isOver() && state.failure.step === 'prepare') putBack(outside)
      press(retry, anyone(), { kind: 'retry' })
    }
    if (howToLetGoOn(state, timeline.now) !== null && random.chance(0.3))
      wish(holderOf('commander'), { kind: 'override', reason: 'it is what was meant' })
    const finish = find('finish')
    if (finish !== undefined && (state.cleanUp === 'held' || state.cleanUp === 'failed') && random.chance(0.3)) {
      if (outside.faults.isOver() && state.parts !== undefined)
        takeAwayFrom(outside, state.stage === 'complete' ? state.parts.stable : state.parts.canary)
      press(finish, anyone(), { kind: 'finish' })
    }
    const takeOver = find('take-over')
    if (takeOver !== undefined && state.drift !== undefined && random.chance(0.1))
      press(takeOver, anyone(), { kind: 'take-over' })
    const skip = find('approve-skip')
    if (skip !== undefined && state.skip !== undefined && random.chance(0.4))
      press(skip, holderOf('commander'), { kind: random.chance(0.7) ? 'approve-skip' : 'reject-skip' })
    if (state.stage === 'waiting') decide(find('extend-soak'), find('accept-targets'))
    if (state.paused !== undefined && random.chance(0.15)) wish(anyone(), { kind: 'resume' })
  }

  /** Somebody lifts a lock, or lets the release go on in spite of it. */
  function liftLock(): void {
    const { lock } = redis.data
    if (lock === null || lock.lifted !== null || !random.chance(0.15)) return
    if (random.chance(0.3)) wish(holderOf('commander'), { kind: 'override', reason: 'it mends the incident' })
    else wish(anyone(), { kind: 'unlock' })
  }

  function newest(): State | undefined {
    const numbers = [...witness.ledgers.keys()]
    return numbers.length === 0 ? undefined : witness.stateOf(Math.max(...numbers))
  }

  function begin(): void {
    if (timeline.now < (pressed.get('start') ?? 0) + 20 * second) return
    pressed.set('start', timeline.now)
    const name = `5.1.${witness.ledgers.size + 1}`
    // Readiness has been checked before: its report is there.
    const under = configFor(scenario.weights)
    redis.data.reports.set(name, sampleReport(name, timeline.now + 1_800 * second, undefined, under))
    redis.data.newestReport = name
    const all = random.chance(temper.all) ? { all: true as const } : {}
    // All phases are asked for by somebody whom some of them let sign as one role, and the last one not as another.
    const user = 'all' in all ? deputy : holderOf('technical-lead')
    wish(user, { kind: 'advance', version: name, ...all })
    if (scenario.thinksBetter) thinkBetter(name)
  }

  /** It was the wrong moment: taken back at once, and by somebody who is impatient asked for once more just before. */
  function thinkBetter(name: string): void {
    const back = random.int(50, 4_000)
    if (random.chance(0.5))
      timeline.after(random.int(0, back), () => wish(holderOf('technical-lead'), { kind: 'advance', version: name }))
    timeline.after(back, giveUp)
  }

  /** May the next phase be asked for, now or a little before the soak is over? */
  function canAsk({ stage, openedPhase, phase }: State): boolean {
    return stage === 'soaked' || (stage === 'soaking' && openedPhase > phase)
  }

  function lookAtCheckpoints(state: State, buttons: readonly ShownButton[]): void {
    const next = state.spec.phases.find((p) => p.number === state.phase + 1)
    for (const place of openCheckpoints(state, state.phase + 1)) {
      const button = buttons.findLast((b) => b.action === `${tickOff}:${place}`)
      const role = next?.checkpoints?.[place - 1]?.role
      if (button === undefined || role === undefined || !random.chance(0.3)) continue
      const user = random.chance(temper.wrongPerson) ? anyone() : holderOf(role)
      press(button, user, { kind: 'tick-checkpoint', checkpoint: place })
    }
  }

  function sign(state: State, button: ShownButton): void {
    const { request } = state
    if (request === undefined) return
    const [role] = missingRoles(state, request)
    if (role === undefined) return
    const signed = request.signOffs.map((s) => s.by.id)
    const holders = (config.roles[role]?.users ?? []).filter((user) => !signed.includes(user))
    const user = holders.length === 0 ? holderOf(role) : random.pick(holders)
    if (random.chance(temper.fickle)) wish(anyone(), { kind: 'nudge' }, button)
    if (random.chance(temper.fickle)) wish(signed[0] ?? anyone(), { kind: 'withdraw' }, button)
    if (random.chance(temper.fickle)) wish(holderOf('commander'), { kind: 'cancel' }, button)
    if (random.chance(temper.wrongPerson)) press(button, anyone(), { kind: 'approve' })
    else if (random.chance(temper.reject)) press(button, user, { kind: 'reject', reason: 'not like this' })
    else {
      press(button, user, { kind: 'approve' })
      // The one may be carried out before the other.
      if (random.chance(temper.fickle))
        timeline.after(random.int(100, 3 * second), () => wish(user, { kind: 'withdraw' }, button))
    }
    choose(button)
  }

  /** Whoever was asked in which role to sign presses a button of that answer. */
  function choose({ value, ts, thread }: ShownButton): void {
    for (const { user, buttons } of privateButtons(slack, value)) {
      const offered = buttons.filter((b) => b.startsWith(`${approveAs}:`))
      if (offered.length === 0) continue
      const action = random.chance(0.8) ? (offered[0] ?? '') : random.pick(offered)
      press({ action, value, ts, thread }, user, { kind: 'approve', role: action.slice(approveAs.length + 1) })
    }
  }

  function decide(extend: ShownButton | undefined, accept: ShownButton | undefined): void {
    if (!random.chance(0.1)) return
    if (extend !== undefined && random.chance(0.5)) press(extend, anyone(), { kind: 'extend-soak' })
    else if (accept !== undefined)
      press(accept, holderOf('commander'), { kind: 'accept-targets', reason: 'a known peak' })
  }

  /** What nobody expects. */
  function whim(state: State, buttons: readonly ShownButton[]): void {
    if (random.chance(temper.oldButton) && buttons.length > 0) {
      const old = random.pick(buttons)
      const kind = askOf(old.action)
      if (kind !== null) wish(anyone(), kind, old)
    }
    if (random.chance(temper.status)) wish(anyone(), { kind: 'status' })
    if (isOver(state)) return
    if (random.chance(temper.skip) && state.stage === 'soaking') wish(anyone(), { kind: 'skip-soak', reason: 'urgent' })
    if (random.chance(temper.rollBack) && state.phase === 0) wish(anyone(), { kind: 'abort', reason: 'not today' })
    if (random.chance(temper.pause)) wish(anyone(), { kind: 'pause', reason: 'lunch' })
    if (random.chance(temper.lock)) wish(anyone(), { kind: 'lock', reason: 'an incident elsewhere' })
    // Most often just when it moves on.
    if (random.chance(temper.rollBack * (state.stage === 'shifting' ? 8 : 1))) {
      const forced = random.chance(0.4)
      const confirmed = !forced && random.chance(0.7)
      wish(anyone(), { kind: 'rollback', reason: 'it looks odd', forced, confirmed })
    }
  }

  /** Nobody undoes what somebody else changed: the release is taken back. */
  function giveUp(): void {
    wish(anyone(), { kind: 'rollback', reason: 'changed by hand', forced: true, confirmed: false })
  }

  function lookAgain(): void {
    if (timeline.now >= goesHome) return
    look()
    timeline.after(random.int(1, 4) * second + random.int(0, 900), lookAgain)
  }
  timeline.after(second, lookAgain)
}

function askOf(action: string): Ask | null {
  switch (action) {
    case 'reject':
      return { kind: action, reason: 'too late' }
    case 'approve':
    case 'withdraw':
    case 'nudge':
    case 'cancel':
    case 'advance':
    case 'retry':
    case 'extend-soak':
    case 'finish':
    case 'take-over':
    case 'approve-skip':
    case 'reject-skip':
      return { kind: action }
    case 'roll-back':
      return { kind: 'rollback', reason: '', forced: false, confirmed: false }
    default:
      return null
  }
}
