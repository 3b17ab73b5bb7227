import { expect, test } from 'vitest'
import type { State } from '../../src/rollout/state.ts'
import { messageRefusal } from '../../src/sandbox/strict-slack/messages.ts'
import { planLines } from '../../src/slack/plan-lines.ts'
import { planMessage, rolesText } from '../../src/slack/plan-message.ts'
import { signOffLines } from '../../src/slack/sign-off-status.ts'
import { config, type Drive, spec } from '../rollout/drive.ts'
import { approve, at, prepare, prepared, started } from '../rollout/ways.ts'

const linesOf = (state: State, number: number, traffic = config.cluster.traffic) => {
  const phase = state.spec.phases[number - 1]
  if (phase === undefined) throw new Error(`no phase ${number}`)
  return planLines(state, phase, { ...config.cluster, traffic })
}

test('a plan names each object that it changes, each field before and after', () => {
  const { state } = at('awaiting-sign-off')
  expect(linesOf(state, 1)).toEqual([
    '• VirtualService `claude-enhancer`, route `primary`: green 0 % → *5 %*, blue 100 % → *95 %*',
    '• Deployment `claude-enhancer-green`: image `registry.example.com/claude-enhancer:4.9.0` → `registry.example.com/claude-enhancer:5.1.0`, *1* pods',
  ])
  expect(linesOf(state, 2)[1]).toBe('• Deployment `claude-enhancer-green`: pods 1 → *3*')
  expect(linesOf(state, 4)).toEqual([
    '• VirtualService `claude-enhancer`, route `primary`: green 50 % → *100 %*, blue 50 % → *0 %*',
    '• Deployment `claude-enhancer-green`: pods stay 10',
    '• Deployment `claude-enhancer-blue`: keeps its 10 pods until the rollback window closes',
  ])
  expect(linesOf(state, 2, { kind: 'http-route', name: 'shop' })[0]).toMatch(
    /^• HTTPRoute `shop`: green 5 % → \*20 %\*/,
  )
})

test('a plan of all phases says how many checkpoints there are where it has no room for each', () => {
  const text = 'The dashboard of the canary shows nothing unusual '.padEnd(130, '.')
  const checkpoints = Array.from({ length: 12 }, () => ({ text, role: 'sre' }))
  const [first] = spec.phases
  if (first === undefined) throw new Error('no phases')
  const phases = [5, 10, 20, 40, 60, 100].map((weight, index) => ({ ...first, number: index + 1, weight, checkpoints }))
  const planOf = (all: boolean) => {
    const drive = started({ ...spec, phases }, all)
    drive.say(prepared)
    const event = drive.events.at(-1)
    if (event?.type !== 'sign-off-requested') throw new Error('nothing was asked')
    return planMessage(event, drive.state, config, 'open')
  }
  const all = planOf(true)
  expect(messageRefusal('chat.postMessage', { ...all })).toBeNull()
  const shown = JSON.stringify(all.blocks)
  expect(shown.match(/Looked at before: 12 checkpoints \(sre\), listed when it is time to look\./g)).toHaveLength(6)
  expect(shown).toContain('*6. ')
  const one = JSON.stringify(planOf(false).blocks)
  expect(one.split(text)).toHaveLength(13)
})

test('roles are shown with how often they are needed', () => {
  expect(rolesText(['sre', 'commander', 'sre'])).toBe('sre × 2, commander')
})

test('the card shows who signed as what, and who could give what is missing', () => {
  const drive = at('awaiting-sign-off')
  approve(drive, 'sre')
  const known = { commander: ['U000COMMANDER', 'U000SRE'], sre: ['U000SRE'] }
  expect(signOffLines(drive.state, known)).toEqual([
    expect.stringMatching(/^☑ \*sre\*: <@U000SRE> at /),
    '☐ *commander*: missing (<@U000COMMANDER>)',
  ])
})

test('a plan says who may not sign as what for having asked', () => {
  const signersOf = (drive: Drive) => {
    const event = drive.events.findLast((e) => e.type === 'sign-off-requested')
    if (event?.type !== 'sign-off-requested') throw new Error('nothing was asked for')
    return /Must sign:.*? once.*?\./.exec(JSON.stringify(planMessage(event, drive.state, config, 'open')))?.[0]
  }
  const all = started(spec, true)
  prepare(all)
  const roles = 'commander, sre, technical-lead, devops, quality-lead'
  const asked = '<@U000RELEASE>, who asked, not as commander or quality-lead'
  expect(signersOf(all)).toBe(`Must sign:* ${roles}. Everybody signs once; ${asked}.`)
})
