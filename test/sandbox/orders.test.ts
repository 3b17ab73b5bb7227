import { describe, expect, test } from 'vitest'
import { type Breakable, carryOut } from '../../src/sandbox/orders.ts'
import { type Manner, manners, type System, systems } from '../../src/sandbox/outside.ts'
import { breakages } from '../../src/sandbox/service/breakage.ts'
import { ServiceModel } from '../../src/sandbox/service/model.ts'
import { seededRandom } from '../../src/sandbox/service/random.ts'
import { type Trouble, troubleNames } from '../../src/sandbox/troubles.ts'

/** A service with a canary at 20 %, and systems that are broken by name only. */
function breakable(outOfReach?: System | Trouble): Breakable {
  const two = { blue: 2, green: 2 }
  const images = { blue: 'app:1', green: 'app:1' }
  const surroundings = { weights: { blue: 80, green: 20 }, ready: two, wanted: two, images }
  const model = new ServiceModel(seededRandom(1), surroundings)
  const unwell = new Map<System, Manner>()
  const troubles = new Set<Trouble>()
  return {
    service: {
      url: '',
      requests: () => ({ blue: model.requests('blue'), green: model.requests('green') }),
      break: (what, place = 'canary', gradually = false) => model.break(what, place, gradually),
      heal: (what) => model.heal(what),
      broken: () => model.broken(),
      setHealth: () => {},
      stop: async () => {},
    },
    outside: {
      redisUrl: '',
      prometheusUrl: '',
      kubeconfig: '',
      break: (system, manner) => system !== outOfReach && unwell.set(system, manner) === unwell,
      heal(system) {
        const was = [...unwell.keys()].filter((one) => system === undefined || one === system)
        for (const one of was) unwell.delete(one)
        return was
      },
      broken: () => unwell,
      close: async () => {},
    },
    troubles: {
      break: (what) => what !== outOfReach && troubles.add(what) === troubles,
      heal(what) {
        const was = [...troubles].filter((one) => what === undefined || one === what)
        for (const one of was) troubles.delete(one)
        return was
      },
      broken: () => [...troubles],
    },
  }
}

describe('an order', () => {
  test.each([
    ['break error-rate', 'Broke error-rate in the canary (green): 2 % of its requests fail.'],
    ['break p95 stable', 'Broke p95 in the stable track (blue): its requests take 10 times as long.'],
    ['break cpu gradually both', 'Broke cpu in both tracks: it uses 97 % of its CPU, bit by bit.'],
    ['break agents-failed', 'Broke agents-failed in the whole service: 9 agents fail.'],
    ['break counter-reset', 'Broke counter-reset in the canary (green): its counters start from 0 again'],
    ['break on-call', 'Broke on-call: nobody is on call. Mend it with `/sandbox heal on-call`.'],
    ['break redis', 'Broke redis for Slipway (off): no connection comes through.'],
    ['break slack slow', 'Broke slack for Slipway (slow): answers come late, or too late.'],
  ])('%s is carried out and told to all', (words, told) => {
    const answer = carryOut(words, breakable())
    expect(answer.outcome).toBe('changed')
    expect(answer.text.startsWith(told), answer.text).toBe(true)
  })

  test('breaks whatever there is, and mends it by its name', () => {
    for (const what of breakages.filter((one) => one !== 'counter-reset')) {
      const on = breakable()
      carryOut('break memory stable', on)
      carryOut(`break ${what}`, on)
      expect(on.service.broken().map((one) => one.what)).toContain(what)
      expect(carryOut(`heal ${what}`, on)).toMatchObject({ text: `Mended ${what}.`, outcome: 'changed' })
      expect(carryOut(`heal ${what}`, on)).toMatchObject({ text: `Nothing of ${what} was broken.`, outcome: 'told' })
    }
    for (const trouble of troubleNames) {
      const on = breakable()
      carryOut('break memory stable', on)
      carryOut(`break ${trouble}`, on)
      expect(on.troubles.broken()).toEqual([trouble])
      expect(carryOut('status', on).text).toContain(`• *${trouble}*: `)
      expect(carryOut(`heal ${trouble}`, on)).toMatchObject({ text: `Mended ${trouble}.`, outcome: 'changed' })
      expect(on.service.broken()).toHaveLength(1)
    }
    for (const system of systems) {
      for (const manner of manners) {
        const on = breakable()
        carryOut(`break ${system} ${manner}`, on)
        expect(on.outside.broken()).toEqual(new Map([[system, manner]]))
        expect(carryOut(`heal ${system}`, on).text).toBe(`Mended ${system}.`)
      }
    }
  })

  test('mends everything at once, and tells how things stand', () => {
    const on = breakable()
    expect(carryOut('status', on)).toEqual({ text: 'Nothing is broken.', outcome: 'told' })
    carryOut('break p95 gradually', on)
    carryOut('break kubernetes failing', on)
    expect(carryOut('status', on).text.split('\n')).toEqual([
      'Broken at present:',
      '• *p95* in green: its requests take 10 times as long, 0 % of the way there.',
      '• *kubernetes* is failing: every call is answered by an error.',
    ])
    expect(carryOut('heal', on).text).toBe('Mended p95, kubernetes.')
    expect(carryOut('heal', on).text).toBe('Nothing was broken.')
  })

  test('for a real cluster is refused', () => {
    const on = breakable('kubernetes')
    expect(carryOut('break kubernetes', on)).toMatchObject({ outcome: 'told', text: expect.stringContaining('real') })
    expect(on.outside.broken().size).toBe(0)
    expect(carryOut('break quota', breakable('quota'))).toMatchObject({ outcome: 'told' })
  })
})

describe('words that are no order', () => {
  test.each([
    ['brake cpu', 'Did you mean `break`?'],
    ['break erorr-rate', 'Did you mean `error-rate`?'],
    ['break rediss', 'Did you mean `redis`?'],
    ['break zebra-crossing-far-away', 'There are `error-rate`'],
    ['break cpu stabel', 'Did you mean `stable`?'],
    ['break redis sloww', 'Did you mean `slow`?'],
    ['break quota now', '`/sandbox break quota`'],
    ['break redis off now', '`/sandbox break redis off|slow|failing`'],
    ['heal everythin now', '`/sandbox help`'],
    ['heal <!channel>', "I don't know `?!channel?`."],
  ])('%s changes nothing, and is answered with what there is', (words, told) => {
    const on = breakable()
    const answer = carryOut(words, on)
    expect(answer.outcome).toBe('not-understood')
    expect(answer.text).toContain(told)
    expect([on.service.broken(), on.outside.broken().size]).toEqual([[], 0])
  })

  test.each(['', 'help', 'break'])('"%s" is answered with all there is, in what one message holds', (words) => {
    const { text } = carryOut(words, breakable())
    for (const word of [...breakages, ...systems, ...manners, ...troubleNames]) expect(text).toContain(word)
    expect(text.length).toBeLessThan(3_000)
  })
})
