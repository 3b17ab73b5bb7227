import type { Command } from '../rollout/commands.ts'
import type { Undone } from '../rollout/events.ts'
import { isOver, type State } from '../rollout/state.ts'
import type { EmergencyPages } from './emergency-pages.ts'
import { isLedgerAway } from './failure.ts'
import { own } from './outcome.ts'
import type { World } from './world.ts'

/** What was done or found without the ledger, and the key of its incident, where it has one. */
interface Entry {
  readonly rollout: number
  readonly command: Command
  readonly key?: string
  /** Key of the breach's incident, whose page tells of this, too. */
  readonly breach?: string
}

/** Keeps what was done and found without the ledger until that has it. */
export interface Unrecorded {
  add(entry: Entry): void
  /** The same once: where one of its kind waits already, that one stays. */
  addOnce(entry: Entry): void
  /** The traffic of a rollout could not be taken back yet, and why. */
  setUndone(rollout: number, undone: Undone): void
  /** It was taken back. */
  clearUndone(rollout: number): void
  /** Does a breach of this rollout wait to be recorded that was answered? */
  hasAnswered(rollout: number): boolean
  /** Records it all in order; throws while Redis is still away. */
  record(): Promise<void>
  /** A page about something that no ledger will know. */
  leaveOut(key: string): void
  /** Is such a page still to be resolved? */
  isLeftOut(key: string): boolean
  /** A page of the ledger was sent: that is recorded, and whether it has been resolved meanwhile looked at, when Redis is back. */
  checkLater(rollout: number, key: string): void
  /** Is there no ledger that holds this page: not yet, or no longer, as Redis came back without it? */
  isUnheld(key: string): boolean
  /** Resolves what was paged and no ledger knows, or knows as resolved, now that Redis answers again. */
  settle(): Promise<void>
}

export function createUnrecorded(
  world: Pick<World, 'clock' | 'log' | 'newId' | 'rollouts'>,
  pages: EmergencyPages,
): Unrecorded {
  const entries: Entry[] = []
  const undone = new Map<number, Undone>()
  /** Keys of pages that no ledger knows: those about Redis itself, and of what a ledger that was lost can't take. */
  const untracked = new Set<string>()
  /** Keys of pages that the ledger knows, or knew before it was lost, with their rollout. */
  const unchecked = new Map<string, number>()

  /** With the incident that was opened for it, however late, and with what came of it. */
  function asKnownNow({ rollout, command, key, breach }: Entry): Command {
    const link = key === undefined ? undefined : pages.linkOf(key)
    const found = link === undefined ? {} : { link }
    if (command.type === 'record-break-glass') return { ...command, ...found }
    if (command.type === 'record-rollback-failure') {
      const isTold = breach !== undefined && pages.linkOf(breach) !== undefined && !undone.has(rollout)
      return { ...command, ...(link === undefined && isTold ? { incident: breach } : found) }
    }
    if (command.type !== 'record-breach' || key === undefined) return command
    const failed = undone.get(rollout)
    return { ...command, alone: { key, ...found, ...(failed && { undone: failed }) } }
  }

  /** Before anything else: the ledger's own pager passes over what was sent. */
  async function recordSent(): Promise<void> {
    for (const [key, rollout] of unchecked) {
      const link = pages.linkOf(key)
      if (link === undefined) continue
      const { state } = await world.rollouts.execute(rollout, own(world, { type: 'record-page', key, link }))
      if (state?.pages.some((page) => page.key === key && page.resolved)) untracked.add(key)
      unchecked.delete(key)
    }
  }

  async function recordOne(entry: Entry): Promise<void> {
    const { rollout, command, key } = entry
    const { state } = await world.rollouts.execute(rollout, asKnownNow(entry))
    if (key !== undefined) {
      const isKnown = state?.pages.some((page) => page.key === key && !page.resolved) ?? false
      // What nobody has mended stays open.
      if (pages.linkOf(key) !== undefined && !isKnown && !undone.has(rollout)) untracked.add(key)
      if (isPagerless(state, key) && pages.isUnsent(key)) unchecked.set(key, rollout)
    }
    if (command.type !== 'record-break-glass') undone.delete(rollout)
  }

  return {
    add: (entry) => void entries.push(entry),
    addOnce(entry) {
      const isSame = ({ rollout, command }: Entry) => rollout === entry.rollout && command.type === entry.command.type
      if (!entries.some(isSame)) entries.push(entry)
    },
    setUndone: (rollout, why) => void undone.set(rollout, why),
    clearUndone: (rollout) => void undone.delete(rollout),
    hasAnswered: (of) =>
      entries.some(
        ({ rollout, command }) => rollout === of && command.type === 'record-break-glass' && command.cause === 'breach',
      ),
    async record() {
      try {
        await recordSent()
        for (let next = entries[0]; next !== undefined; next = entries[0]) {
          await recordOne(next)
          entries.shift()
        }
      } catch (error) {
        if (isLedgerAway(error)) throw error
        // The others are watched meanwhile; it is tried again at the next round.
        world.log.warn({ err: error }, 'what was done without Redis could not be recorded yet')
      }
    },
    leaveOut: (key) => void untracked.add(key),
    isLeftOut: (key) => untracked.has(key),
    checkLater: (rollout, key) => void unchecked.set(key, rollout),
    isUnheld: (key) => unchecked.has(key) || entries.some((entry) => entry.key === key),
    async settle() {
      for (const [key, rollout] of unchecked) {
        const state = await world.rollouts.load(rollout)
        if (isPagerless(state, key) && pages.isUnsent(key)) continue
        if (state?.pages.some((page) => page.key === key && page.resolved)) untracked.add(key)
        unchecked.delete(key)
      }
      for (const key of untracked) if (await pages.resolve(key)) untracked.delete(key)
    },
  }
}

/** Has a ledger lost what this page is about, and is it not over? Nobody else sends it then. */
function isPagerless(state: State | null, key: string): boolean {
  return state === null || (!isOver(state) && !state.pages.some((page) => page.key === key))
}
