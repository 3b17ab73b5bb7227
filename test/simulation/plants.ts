import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Scenario } from './scenario.ts'

/** A fault that is put into the source to see that the simulation finds it: one text, which stands there once, becomes another. */
export interface Plant {
  readonly file: string
  readonly from: string
  readonly to: string
  /** The rule that must be seen to be broken, within so many seeds. */
  readonly rule: string
  readonly within: number
  /** Only seeds that can show it are run, where few do. */
  readonly among?: (scenario: Scenario) => boolean
  /** A seed that found it lately, where that takes long: tried first. Whatever moves the draws of a seed may make it a bad guess. */
  readonly guess?: number
}

export const plants = {
  'dropped-fence': {
    file: 'src/cluster/fence.ts',
    from: 'if (found && isNewer(found, ours)) {',
    to: 'if (found && isNewer(found, ours) && ours.rollout === 0) {',
    rule: 'fence-holds',
    within: 8000,
    // Somebody stands still, or is late, while another process rolls back.
    among: ({ processes, absences, callFaults: { kinds } }) =>
      processes > 1 &&
      (kinds.includes('late') || kinds.includes('stall') || absences.some(({ how }) => how === 'freezes')),
    guess: 852,
  },
  'clean-up-before-weights': {
    file: 'src/jobs/roll-back.ts',
    from: "// What was never claimed can't have been shifted.",
    to: 'if (parts !== null) await world.cluster.size(parts.canary, { replicas: 0 }, fence)',
    rule: 'weights-first',
    within: 20,
  },
  'sign-off-used-twice': {
    file: 'src/rollout/evolve-gate.ts',
    from: "...useRequest(state, event.phase, event.at),\n        stage: 'shifting',",
    to: "...state,\n        stage: 'shifting',",
    rule: 'sign-off-used-once',
    within: 100,
  },
  'started-after-the-end': {
    file: 'src/ledger/rollouts.ts',
    from: '(endedAt(newest) ?? 0) > command.at)',
    to: '(endedAt(newest) ?? 0) > command.at + 86_400_000)',
    rule: 'started-once',
    within: 8000,
    among: ({ thinksBetter }) => thinksBetter,
  },
  'one-for-two': {
    file: 'src/rollout/sign-off.ts',
    from: 'return less(requiredRoles(state.spec, request.phases), signed)',
    to: 'return requiredRoles(state.spec, request.phases).filter((role) => !signed.includes(role))',
    rule: 'gate-holds',
    within: 20,
  },
  'requester-signs-anything': {
    file: 'src/rollout/sign-off.ts',
    from: '!p.requesterMaySign && p.roles.includes(role)',
    to: '!p.requesterMaySign && p.roles.includes(role) && numbers.length === 1',
    rule: 'gate-holds',
    within: 3000,
    guess: 487,
  },
  'withdrawn-counts': {
    file: 'src/rollout/evolve-gate.ts',
    from: 'signOffs: request.signOffs.filter((s) => s.role !== event.role || s.by.id !== event.by.id),',
    to: 'signOffs: request.signOffs,',
    rule: 'gate-holds',
    within: 300,
  },
  'withdrawn-too-soon': {
    file: 'src/rollout/decide-sign-off.ts',
    from: '(command.at <= (request.withdrawn?.[command.by.id]?.at ?? 0))',
    to: '(command.at < 0)',
    rule: 'gate-holds',
    within: 6000,
    among: ({ temper }) => temper.fickle > 0,
    guess: 403,
  },
  'empty-taken-as-0': {
    file: 'src/jobs/read-metrics.ts',
    from: "return 'missing' in sample ? sample : { value: sample.value }",
    to: "return 'missing' in sample ? { value: 0 } : { value: sample.value }",
    rule: 'missing-is-no-number',
    within: 100,
  },
  'blind-time-counted': {
    file: 'src/jobs/watch.ts',
    from: 'state.drift === undefined && isObserved(verdicts)',
    to: 'state.drift === undefined',
    rule: 'soak-observed',
    within: 20,
  },
  'page-sent-again': {
    file: 'src/jobs/page.ts',
    from: 'if (record === undefined || record.resolved) return',
    to: `if (record === undefined) return
    if (record.resolved) await world.paging.trigger(pageOf(event, state, action.key))`,
    rule: 'paged-once',
    within: 6000,
    among: ({ absences }) => absences.length > 0,
    guess: 4557,
  },
  'message-posted-again': {
    file: 'src/slack/thread.ts',
    from: 'const found = await findIn(messenger, threads, ids)',
    to: 'const found = new Map<string, string>()',
    rule: 'told-once',
    within: 50,
  },
  'append-without-version': {
    file: 'src/ledger/rollouts.ts',
    from: 'const result = await ledger.append(rollout, before, events, holdsService(next))',
    to: 'const result = await ledger.append(rollout, (await ledger.read(rollout, 0)).length, events, holdsService(next))',
    rule: 'ledger-whole',
    within: 300,
  },
  'doubt-told-as-refusal': {
    file: 'src/slack/desk.ts',
    from: "if (how === 'hand-over-in-doubt')",
    to: "if (how === 'internal')",
    rule: 'nothing-done',
    within: 300,
  },
  'clock-of-the-machine': {
    file: 'src/shared-clock.ts',
    from: 'course = synced ? {',
    to: 'course = synced || ahead !== 0 ? {',
    rule: 'clocks-agree',
    within: 100,
  },
  'clock-that-leaps': {
    file: 'src/shared-clock.ts',
    from: '{ since: moment, offset, pull: ahead }',
    to: '{ since: moment, offset: measured, pull: 0 }',
    rule: 'clocks-agree',
    within: 600,
  },
} as const satisfies Record<string, Plant>

export type PlantName = keyof typeof plants

export function isPlantName(name: string): name is PlantName {
  return Object.hasOwn(plants, name)
}

const root = new URL('../../', import.meta.url)

/** Has the module loader change the source from now on; to be called before the file is imported. Throws when the text does not stand there exactly once. */
export function plant(name: PlantName): void {
  const { file, from, to } = plants[name]
  const url = new URL(file, root).href
  const places = readFileSync(fileURLToPath(url), 'utf8').split(from).length - 1
  if (places !== 1) throw new Error(`${name} can't be planted: its text stands in ${file} ${places} times`)
  registerHooks({
    load(loaded, context, next) {
      const result = next(loaded, context)
      if (loaded !== url) return result
      return { ...result, source: String(result.source).replace(from, () => to) }
    },
  })
}
