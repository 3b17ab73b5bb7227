import { ledgerOf } from './ledger-of.ts'
import { releaseTeam } from './release-team.ts'
import { wordsOf } from './slack-driver.ts'
import { startWorld, type World } from './world.ts'

/** From the breach's confirmation to all traffic on stable, read back: what the first users were promised, in ms. */
const promised = 30_000

const begun = performance.now()
const say = (text: string) => console.log(`${((performance.now() - begun) / 1_000).toFixed(1).padStart(6)} s  ${text}`)

/** Prints the first line of every new message, as the timeline of the releases. */
function follow(world: World): { stop(): Promise<void> } {
  const seen = new Set<string>()
  const look = async () => {
    for (const m of await world.slack.messages()) {
      const key = `${m.ts}${m.thread_ts === undefined ? m.text : ''}`
      if (m.subtype === 'ephemeral' || seen.has(key)) continue
      seen.add(key)
      const first = m.text.split('\n')[0] ?? ''
      say(`${m.thread_ts === undefined ? '' : '  '}${plain(first)}`)
    }
  }
  const timer = setInterval(() => look().catch(() => undefined), 300)
  return {
    async stop() {
      clearInterval(timer)
      await look()
    },
  }
}

function plain(text: string): string {
  return text
    .replaceAll(/<!date\^\d+\^[^|]*\|([^>]*)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('*', '')
}

const world = await startWorld({ speed: 120, onProgress: (what) => say(`${what} ...`) })
const timeline = follow(world)
const team = releaseTeam(world)
const failures: string[] = []
let restoredAfter = Number.NaN
let verifiedAfter = Number.NaN

try {
  say('— A release through all four phases, every role signing —')
  const good = await team.startRelease('5.1.0')
  for (const phase of world.config.release.phases) await team.signPhase(good, phase.number)
  await team.hears(good, /Complete:/)
  await team.hears(good, /Cleaned up/)

  say('— A release that breaks its error rate in phase 2 —')
  const bad = await team.startRelease('5.1.1')
  await team.signPhase(bad, 1)
  await team.signPhase(bad, 2)
  await team.hears(bad, /The canary gets 20 %/)
  world.service.break('error-rate')
  say("Broke the error rate: 2 % of the canary's requests fail")
  const breach = await team.hears(bad, /Limit broken/)
  await team.hears(bad, /Rolled back/)
  await team.hears(bad, /Requests confirm it/)
  await team.hears(bad, /Paged/)
  const events = await ledgerOf(world, 2)
  const confirmedAt = events.find((e) => e.type === 'breach-confirmed')?.at ?? Number.NaN
  const written = events.find((e) => e.type === 'weights-restored')
  restoredAfter = (written?.type === 'weights-restored' ? written.restoredAt : Number.NaN) - confirmedAt
  verifiedAfter = (events.find((e) => e.type === 'traffic-verified')?.at ?? Number.NaN) - confirmedAt
  if (!/Error rate/.test(wordsOf(breach))) failures.push('the breach does not name the error rate')
} catch (error) {
  failures.push(error instanceof Error ? error.message : String(error))
}

await timeline.stop()
const requests = world.service.requests()
const lost = requests.blue.lost + requests.green.lost
const workflowsLost = Math.round(requests.blue.workflowsLost + requests.green.workflowsLost)
const served = requests.blue.served + requests.green.served
const incidents = world.pagerduty.incidents().length
const { refused } = world.workspace.strict
await world.stop()

if (lost > 0) failures.push(`${lost} requests were lost`)
if (workflowsLost > 0) failures.push(`${workflowsLost} workflows were lost`)
if (!(restoredAfter <= promised && verifiedAfter <= promised))
  failures.push('the traffic was not back within the promised time')
if (incidents !== 1) failures.push(`${incidents} incidents were opened, expected 1`)
for (const { method, error } of refused) failures.push(`Slack refused ${method}: ${error}`)
console.log(`
Requests lost to the releases: ${lost} of ${served.toLocaleString('en-GB')}; workflows: ${workflowsLost}
Breach confirmed -> all traffic on stable, read back: ${(restoredAfter / 1_000).toFixed(3)} s (promised: ${promised / 1_000} s)
Breach confirmed -> requests confirm it, by the canary's own count: ${(verifiedAfter / 1_000).toFixed(1)} s
Incidents at PagerDuty: ${incidents} (expected: 1, for the breach)
${failures.length === 0 ? 'Both releases ended as they should.' : `FAILED: ${failures.join('; ')}`}`)
process.exit(failures.length === 0 ? 0 : 1)
