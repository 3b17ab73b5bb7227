import type { EventOf } from '../rollout/events.ts'
import { isOver, type State } from '../rollout/state.ts'
import { durationText, escapeText } from './format.ts'

/** Whether requests were counted after a shift, or a pause stood in for it. */
export function convergedText({ weight, share, ms, instead }: EventOf<'traffic-converged'>): string {
  if (instead !== undefined)
    return `Requests could not be counted (${escapeText(instead)}): the pause of ${durationText(ms)} after the shift stood in for it.`
  return `Requests follow: the canary gets ${percentText(share)} of them (weight ${weight} %), ${durationText(ms)} after the shift.`
}

/** How far requests are from the weights, and where to look. */
export function notConvergedText({ track, weight, share, ms }: EventOf<'traffic-not-converged'>, state: State): string {
  const since = durationText(ms)
  if (isOver(state))
    return `*Requests do not follow the weights:* ${track} still gets some, ${since} after it lost its traffic. Its pods stay as long as it does.`
  return `*Requests do not follow the weights:* the canary (${track}) gets ${percentText(share)} of them, ${since} after its weight became ${weight} %. Look at what carries out the route (proxies, gateway), and for traffic that goes past it. Nothing is cleaned up while requests go there.`
}

function percentText(share: number | null): string {
  return share === null ? 'none' : `${Math.round(share * 10) / 10} %`
}
