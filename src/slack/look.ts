import type { HomeView } from '@slack/web-api'
import type { Permitted } from '../config/config.ts'
import { frozenSpec } from '../config/frozen-spec.ts'
import { imageOf, releaseOf, releaseText } from '../config/release-name.ts'
import { refusalText, SlipwayError } from '../errors.ts'
import { tell } from '../jobs/failure.ts'
import { holdsAt } from '../jobs/holds.ts'
import type { World } from '../jobs/world.ts'
import type { Reports } from '../ledger/reports.ts'
import { verdictOf } from '../readiness/judgement.ts'
import { weightText } from '../rollout/canary-weight.ts'
import { decide } from '../rollout/decide.ts'
import { refuse } from '../rollout/refusal.ts'
import { holdsService, isOver, type State } from '../rollout/state.ts'
import type { Answer } from './answer.ts'
import type { Wish } from './ask.ts'
import { headlineOf } from './blocks/headline.ts'
import { buttonOver } from './button-over.ts'
import { homeView } from './home-view.ts'
import type { NowForm } from './now-form.ts'
import { pastText } from './past-text.ts'
import { holdersOf } from './people.ts'
import { isSurelyOutside, mayUse, outsideAnswer, permittedRoles, refusedTo } from './permission.ts'
import { type Choice, formCommands, possibleIn } from './possible-now.ts'
import { reference } from './reference.ts'
import { holdsText, statusText } from './status-text.ts'
import { mineText } from './waiting-for.ts'
import { wantOf } from './want-of.ts'

/** What a listener may look at before it opens a form. */
export interface Look {
  /** What this person can do now; also while Redis is away. */
  form(user: Wish['user'], at: number): Promise<NowForm>
  /** What App Home shows this person; also while Redis is away. */
  home(user: string, at: number): Promise<HomeView>
  /** Where the release stands as far as this process knows without Redis, in plain words. */
  fromMemory(): string
  /** What the sender of a wish is told who is known to be one that nothing is taken from; null for everybody else. Never fails. */
  barred(wish: Wish): Promise<Answer | null>
  /** Why the form behind a button ("Accept…", "Reject…") would be refused, in words; null when it would not. */
  against(wish: Wish): Promise<string | null>
}

/** How long a form waits to learn who holds a role, in ms: Slack takes it for 3 s only. */
const patience = 1_000

/** What the form may offer or show, a rollback beside: that is open to all of them. */
const permitted: readonly Permitted[] = ['readiness', 'status', ...formCommands]

interface Standing {
  readonly may: ReadonlySet<Permitted>
  /** What to tell them about the rest. */
  readonly hint: readonly string[]
}

const readinessChoice: Choice = { value: 'readiness', label: 'Check a version', takes: 'version' }

export function createLook(world: World, reports: Reports, away: () => readonly string[]): Look {
  const { config, rollouts } = world

  const none = () => refuse('no-rollout', { service: config.service }).refusal

  /** The start of the newest version, when its report allows one. */
  async function startChoice(user: Wish['user'], at: number): Promise<readonly Choice[]> {
    const version = await reports.newestVersion()
    if (version === null) return []
    const found = await reports.find(version)
    const report = found === null ? null : verdictOf(found, config)
    const release = found === null ? { version } : releaseOf(found)
    const spec = frozenSpec(config, version, imageOf(config, release))
    const by = { ...user, via: 'slack' } as const
    const decision = decide(null, { type: 'start', spec, report, id: 'form', at, by }, config.service)
    const label = `${config.mode === 'observe' ? 'Observe' : 'Start'} the rollout of ${version}`
    return 'refusal' in decision ? [] : [{ value: `start ${releaseText(release)}`, label, takes: 'nothing' }]
  }

  /** What a full member may use, and who could use the rest; null for others. */
  async function openTo(user: string): Promise<Standing | null> {
    if (!(await world.people.isMember(user))) return null
    const allowed = await Promise.all(permitted.map((command) => mayUse(world, user, command)))
    const others = permitted.flatMap((command, i) => (allowed[i] ? [] : (permittedRoles(config, command) ?? [])))
    const may = new Set(permitted.filter((_, i) => allowed[i]))
    if (others.length === 0) return { may, hint: [] }
    const holders = await holdersOf(world, [...new Set(others)])
    return { may, hint: [`You hold no role for some of this; it is for others: ${holders.join(', ')}.`] }
  }

  /** What is open to somebody; null for those who are no full members. While it can't be looked up all is offered: what is chosen is decided later. */
  async function standing(user: Wish['user']): Promise<Standing | null> {
    const late = world.clock
      .wait(patience)
      .then(() => Promise.reject(new SlipwayError('people-unknown', { method: 'users.info' })))
    try {
      return await Promise.race([openTo(user.id), late])
    } catch (error) {
      const { what, todo } = tell(error)
      return { may: new Set(permitted), hint: [`${what} ${todo}`] }
    }
  }

  async function formOf(state: State | null, user: Wish['user'], at: number): Promise<NowForm> {
    const open = await standing(user)
    if (open === null) {
      // Whoever is on call may roll back, member or not.
      const isOnCall = state !== null && (await world.people.isOnCall(user.id).catch(() => false))
      const head = { at, by: { ...user, via: 'slack' } } as const
      const choices = isOnCall ? possibleIn(state, head, new Set()) : []
      const about = isOnCall ? reference(state) : ''
      return { status: (await outsideAnswer(world)).text, choices, about }
    }
    const { may, hint } = open
    if (state === null || !holdsService(state)) {
      const starts = may.has('advance') ? await startChoice(user, at) : []
      const checks = may.has('readiness') ? [readinessChoice] : []
      const last = state === null ? '' : ` The last one, ${state.spec.version}, is ${state.stage}.`
      const status = `No rollout of ${config.title} is active.${last}`
      return { status: [status, ...away(), ...hint].join('\n'), choices: [...starts, ...checks], about: '' }
    }
    const head = { at, by: { ...user, via: 'slack' }, ...(await holdsAt(world, at)) } as const
    const choices = possibleIn(state, head, may)
    const asked = state.request === undefined && state.stage !== 'waiting' ? [] : ['Its buttons are in the thread.']
    const stands = may.has('status') ? [await statusText(world, state), ...asked] : []
    const status = [...stands, ...away(), ...hint].join('\n')
    return { status, choices, about: reference(state) }
  }

  return {
    async form(user, at) {
      try {
        return await formOf(await rollouts.current(), user, at)
      } catch (error) {
        const { what, todo } = tell(error)
        const choice: Choice = { value: 'rollback', label: 'Roll back now: all traffic to stable', takes: 'reason' }
        return { status: `${what} ${todo}`, choices: [choice], about: '' }
      }
    },
    async home(user, at) {
      const empty = { title: config.title, waiting: [], status: [], past: [], at }
      try {
        if (!(await world.people.isMember(user)))
          return homeView({ ...empty, status: [(await outsideAnswer(world)).text] })
        const state = await rollouts.current()
        const [waiting, sees, looksBack] = await Promise.all([
          mineText(world, state, user),
          mayUse(world, user, 'status'),
          mayUse(world, user, 'history'),
        ])
        const stands = state === null ? [refusalText(none())] : [await statusText(world, state)]
        const past = looksBack ? await pastText(world, undefined) : null
        const status = sees ? [...stands, ...(await holdsText(world, state)), ...away()] : []
        return homeView({ ...empty, waiting, status, past: past === null ? [] : [past] })
      } catch (error) {
        const { what, todo } = tell(error)
        return homeView({ ...empty, status: [`${what} ${todo}`, ...away()] })
      }
    },
    fromMemory() {
      const seen = rollouts.known().filter((s) => !isOver(s))
      const lines = seen.map(
        (s) => `${config.title} ${s.spec.version}, as last seen: ${headlineOf(s)}. The canary gets ${weightText(s)}.`,
      )
      return ['Redis does not answer; watching and rollback go on from memory.', ...lines, ...away()].join('\n')
    },
    barred: async ({ user, ask }) => ((await isSurelyOutside(world, user.id, ask)) ? outsideAnswer(world) : null),
    async against(wish) {
      try {
        const barred = await refusedTo(world, wish)
        if (barred !== null) return barred.text
        const over = await buttonOver(wish, rollouts.history)
        if (over !== null) return `${over.message} ${over.todo}`
        const state = await rollouts.load(wish.target?.rollout ?? 0)
        if (state === null) return refusalText(none())
        const by = { ...wish.user, via: 'slack' } as const
        const [want, holds] = await Promise.all([wantOf(world, wish, state), holdsAt(world, wish.at)])
        const decision = decide(state, { ...want, ...holds, id: wish.id, at: wish.at, by }, config.service)
        return 'refusal' in decision ? refusalText(decision.refusal) : null
      } catch (error) {
        const { what, todo } = tell(error)
        return `${what} Nothing was done. ${todo} Try again then.`
      }
    },
  }
}
