import { nearest } from '../config/nearest.ts'
import { type Manner, mannerEffects, manners, type Outside, type System, systems } from './outside.ts'
import {
  type Breakage,
  type BreakagePlace,
  type Broken,
  breakageEffects,
  breakagePlaces,
  breakages,
  isOfService,
  serviceBreakages,
  trackBreakages,
} from './service/breakage.ts'
import type { SimulatedService } from './service/simulated-service.ts'
import { type Trouble, type Troubles, troubleEffects, troubleNames } from './troubles.ts'

/** What somebody wants of the sandbox. */
type Order =
  | { readonly do: 'break'; readonly what: Breakage; readonly place: BreakagePlace; readonly gradually: boolean }
  | { readonly do: 'unwell'; readonly system: System; readonly manner: Manner }
  | { readonly do: 'trouble'; readonly what: Trouble }
  | { readonly do: 'heal'; readonly what: Breakage | System | Trouble | undefined }
  | { readonly do: 'status' | 'help' }

/** An answer. That something has `changed` is for everybody, the rest for who asked. */
export interface Answered {
  readonly text: string
  readonly outcome: 'changed' | 'told' | 'not-understood'
}

/** What the orders act on. */
export interface Breakable {
  readonly service: SimulatedService
  readonly outside: Outside
  readonly troubles: Troubles
}

/** Carries out an order such as `break p95 stable gradually`, and answers it; what it does not understand it answers with what there is. */
export function carryOut(text: string, on: Breakable): Answered {
  const order = parse(text.trim().split(/\s+/))
  if (typeof order === 'string') return { text: order, outcome: 'not-understood' }
  switch (order.do) {
    case 'help':
      return { text: help, outcome: 'told' }
    case 'status':
      return { text: status(on), outcome: 'told' }
    case 'break':
      return breakService(order, on.service)
    case 'unwell':
      return breakSystem(order.system, order.manner, on.outside)
    case 'trouble':
      return makeTrouble(order.what, on.troubles)
    case 'heal':
      return heal(order.what, on)
  }
}

const code = (words: readonly string[]) => words.map((word) => `\`${word}\``).join(' · ')

const help = [
  '*Break the sandbox, and see what Slipway does.* The page, PagerDuty and this command stay as they are.',
  `\`/sandbox break <what> [canary|stable|both] [gradually]\` breaks the service under release, by default in the canary, at once. What: ${code(trackBreakages)}; and for the whole service ${code(serviceBreakages)}.`,
  `\`/sandbox break <system> [off|slow|failing]\` makes a system around Slipway unwell: ${code(systems)}.`,
  `\`/sandbox break <trouble>\` is what only readiness notices: ${code(troubleNames)}.`,
  '`/sandbox heal [what]` mends it, or everything. `/sandbox status` shows what is broken.',
  'Try `/sandbox break error-rate` while a canary has traffic: it rolls back. `/sandbox break pods-ready` only misses a target: at the end of the soak Slipway asks.',
].join('\n')

/** The order, or what to say to words that are none. */
function parse(words: readonly string[]): Order | string {
  const [verb = '', what, ...rest] = words
  switch (verb) {
    case '':
    case 'help':
      return { do: 'help' }
    case 'status':
      return { do: 'status' }
    case 'heal': {
      const found = what === undefined ? undefined : named(what)
      if (rest.length > 0) return unknown(rest.join(' '), [], '`/sandbox heal [what]` mends one thing, or everything.')
      return typeof found === 'string' || found === undefined ? { do: 'heal', what: found } : found.unknown
    }
    case 'break':
      return what === undefined ? help : parseBreak(what, rest)
    default:
      return unknown(verb, ['break', 'heal', 'status', 'help'], 'There are `break`, `heal` and `status`.')
  }
}

function parseBreak(what: string, rest: readonly string[]): Order | string {
  const found = named(what)
  if (typeof found !== 'string') return found.unknown
  const system = systems.find((one) => one === found)
  if (system !== undefined) {
    const [word = 'off', ...more] = rest
    const manner = manners.find((one) => one === word)
    if (manner === undefined || more.length > 0) {
      const odd = manner === undefined ? word : more.join(' ')
      return unknown(odd, manners, `\`/sandbox break ${system} off|slow|failing\``)
    }
    return { do: 'unwell', system, manner }
  }
  const trouble = troubleNames.find((one) => one === found)
  if (trouble !== undefined) {
    if (rest.length === 0) return { do: 'trouble', what: trouble }
    return unknown(rest.join(' '), [], `\`/sandbox break ${trouble}\``)
  }
  const breakage = breakages.find((one) => one === found)
  if (breakage === undefined) return help
  let place: BreakagePlace = 'canary'
  let gradually = false
  for (const word of rest) {
    const where = breakagePlaces.find((one) => one === word)
    if (where === undefined && word !== 'gradually') {
      const usage = `\`/sandbox break ${breakage} [canary|stable|both] [gradually]\``
      return unknown(word, [...breakagePlaces, 'gradually'], usage)
    }
    if (where === undefined) gradually = true
    else place = where
  }
  return { do: 'break', what: breakage, place, gradually }
}

/** Something that can be broken, by its name. */
function named(word: string): Breakage | System | Trouble | { readonly unknown: string } {
  const all = [...breakages, ...systems, ...troubleNames]
  const found = all.find((one) => one === word)
  if (found !== undefined) return found
  const there = `There are ${code(breakages)}, the systems ${code(systems)}, and ${code(troubleNames)}.`
  return { unknown: unknown(word, all, there) }
}

function unknown(word: string, known: readonly string[], what: string): string {
  // What people write goes back to them alone, but must not look like a link or a mention.
  const shown = word.slice(0, 40).replaceAll(/[<>&`]/g, '?')
  const guess = nearest(word, known)
  const nearer = guess === undefined ? '' : ` Did you mean \`${guess}\`?`
  return `I don't know \`${shown}\`.${nearer} ${what} \`/sandbox help\` says more.`
}

function breakService(order: Extract<Order, { do: 'break' }>, service: SimulatedService): Answered {
  const { what, place, gradually } = order
  const hit = service.break(what, place, gradually)
  const where = isOfService(what) ? 'in the whole service' : whereOf(place, hit)
  const pace = gradually && what !== 'counter-reset' ? ', bit by bit' : ''
  const mend = what === 'counter-reset' ? '' : ` Mend it with \`/sandbox heal ${what}\`.`
  return { text: `Broke ${what} ${where}: ${breakageEffects[what]}${pace}.${mend}`, outcome: 'changed' }
}

function whereOf(place: BreakagePlace, hit: readonly string[]): string {
  if (place === 'both') return 'in both tracks'
  return `in the ${place === 'stable' ? 'stable track' : place} (${hit.join()})`
}

function breakSystem(system: System, manner: Manner, outside: Outside): Answered {
  if (!outside.break(system, manner)) {
    return { text: `${system} is a real one, given with --kubeconfig: it can't be broken from here.`, outcome: 'told' }
  }
  const text = `Broke ${system} for Slipway (${manner}): ${mannerEffects[manner]}. Mend it with \`/sandbox heal ${system}\`.`
  return { text, outcome: 'changed' }
}

function makeTrouble(what: Trouble, troubles: Troubles): Answered {
  if (!troubles.break(what))
    return { text: `${what} is made on the cluster, and it is a real one, given with --kubeconfig.`, outcome: 'told' }
  const text = `Broke ${what}: ${troubleEffects[what]}. Mend it with \`/sandbox heal ${what}\`.`
  return { text, outcome: 'changed' }
}

function heal(what: Breakage | System | Trouble | undefined, { service, outside, troubles }: Breakable): Answered {
  const system = systems.find((one) => one === what)
  const breakage = breakages.find((one) => one === what)
  const trouble = troubleNames.find((one) => one === what)
  const all = what === undefined
  const mended = [
    ...(all || breakage !== undefined ? service.heal(breakage).map((one) => one.what) : []),
    ...(all || system !== undefined ? outside.heal(system) : []),
    ...(all || trouble !== undefined ? troubles.heal(trouble) : []),
  ]
  if (mended.length === 0)
    return { text: `Nothing ${what === undefined ? '' : `of ${what} `}was broken.`, outcome: 'told' }
  return { text: `Mended ${mended.join(', ')}.`, outcome: 'changed' }
}

function status({ service, outside, troubles }: Breakable): string {
  const lines = [
    ...service.broken().map((one) => `• *${one.what}* ${placeOf(one)}: ${breakageEffects[one.what]}${levelOf(one)}.`),
    ...troubles.broken().map((what) => `• *${what}*: ${troubleEffects[what]}.`),
    ...[...outside.broken()].map(([system, manner]) => `• *${system}* is ${manner}: ${mannerEffects[manner]}.`),
  ]
  return lines.length === 0 ? 'Nothing is broken.' : ['Broken at present:', ...lines].join('\n')
}

function placeOf({ what, tracks }: Broken): string {
  return isOfService(what) ? 'in the whole service' : `in ${tracks.join(' and ')}`
}

function levelOf({ level }: Broken): string {
  return level < 1 ? `, ${Math.floor(level * 100)} % of the way there` : ''
}
