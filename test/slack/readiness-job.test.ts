import { beforeEach, describe, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import type { TerminalAnswer } from '../../src/ledger/answers.ts'
import { outcomeHash } from '../../src/readiness/changes.ts'
import type { ReadinessRequest } from '../../src/readiness/readiness.ts'
import { type Finding, type ReadinessReport, reportSchema } from '../../src/readiness/report.ts'
import { wordsOf } from '../../src/sandbox/slack-driver.ts'
import { messageRefusal } from '../../src/sandbox/strict-slack/messages.ts'
import type { Wish } from '../../src/slack/ask.ts'
import { createReadinessJob, readinessOrder } from '../../src/slack/readiness-job.ts'
import { detailsMessages } from '../../src/slack/report-details.ts'
import { reportMessage } from '../../src/slack/report-message.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'
import { prepareRelease } from '../jobs/release.ts'
import { sampleFinding, sampleReport } from '../readiness/sample-report.ts'
import { createFakeMessenger, type FakeMessenger, type Fate } from './fake-messenger.ts'

const findings = [
  sampleFinding('Stable is ready', 'pass', { details: ['blue-1', 'blue-2 <!channel>'] }),
  sampleFinding('A backup is there', 'block', { category: 'data', found: 'a week old' }),
  sampleFinding('Somebody is on call', 'warn', { category: 'team' }),
]

interface Scene {
  readonly world: FakeWorld
  readonly messenger: FakeMessenger
  readonly saved: ReadinessReport[]
  readonly left: TerminalAnswer[]
  readonly checked: ReadinessRequest[]
  readonly recorded: readonly string[]
  /** Happens while the checks run. */
  onCheck: () => void
  run(
    wanted: { terminal?: true; categories?: ['data']; seen?: string },
    tried?: boolean,
    last?: boolean,
  ): Promise<'done' | 'again'>
}

function open(): Scene {
  const world = createFakeWorld()
  const messenger = createFakeMessenger()
  const [saved, left, checked]: [ReadinessReport[], TerminalAnswer[], ReadinessRequest[]] = [[], [], []]
  const recorded: string[] = []
  const askedAt = world.time
  const job = createReadinessJob({
    world,
    messenger,
    reports: {
      save: async (report) => void saved.push(report),
      find: async () => saved.at(-1) ?? null,
      newestVersion: async () => '5.1.0',
      keep: async () => undefined,
      startedOn: async () => null,
    },
    async checkReadiness(request) {
      checked.push(request)
      scene.onCheck()
      request.onProgress?.(1, 3)
      return { ...sampleReport('5.1.0', 9_000_000, findings), id: request.id }
    },
    answers: { leave: async (_, answer) => void left.push(answer) },
    onRecord: ({ id }) => void recorded.push(id),
    settles: 1,
  })
  const scene: Scene = {
    ...{ world, messenger, saved, left, checked, recorded },
    onCheck: () => undefined,
    run({ terminal, categories, seen }, tried = false, last = false) {
      const wish: Wish = {
        ...{ id: 'w1', at: askedAt, user: { id: 'U1', name: 'ada' } },
        ...(terminal && { from: { via: 'terminal' } }),
        ask: { kind: 'readiness', version: '5.1.0' },
      }
      const ask = {
        kind: 'readiness',
        version: '5.1.0',
        ...(categories && { categories }),
        ...(seen && { seen }),
      } as const
      return job(readinessOrder({ ...wish, ask }, ask), tried, last)
    },
  }
  return scene
}

let scene: Scene
beforeEach(() => {
  scene = open()
})

/** Everything that the channel holds, in order: each message with its thread, and the files. */
function shown({ messenger }: Scene): readonly string[] {
  const words = messenger.posted.map(
    ({ thread, message }) => `${thread ?? 'channel'} ${wordsOf({ ...message, blocks: [...message.blocks] })}`,
  )
  return [...words, ...messenger.uploaded.map(({ thread, title }) => `${thread} file ${title}`)]
}

test('while a rollout is open its stable is looked at, whatever the weights', async () => {
  await scene.run({ terminal: true, categories: ['data'] })
  expect(scene.checked[0]).not.toHaveProperty('stable')
  await prepareRelease(scene.world)
  Object.assign(scene.world.weights, { blue: 25, green: 75 })
  await scene.run({ terminal: true, categories: ['data'] })
  expect(scene.checked[1]).toMatchObject({ stable: 'blue' })
})

describe('in Slack', () => {
  test('a card shows progress and becomes the report; its thread has a reply a category, and the JSON', async () => {
    const first: string[] = []
    const { messenger } = scene
    const { edit } = messenger
    messenger.edit = async (ts, message) => {
      first.push(wordsOf({ ...message, blocks: [...message.blocks] }))
      await edit(ts, message)
    }
    await scene.run({})
    expect(first[0]).toMatch(/5\.1\.0: checking\n.*\n1 of 3 checks are done/)
    const [card, ...replies] = messenger.posted
    expect(card?.message.text).toMatch(/5\.1\.0: NOT READY/)
    const sections = JSON.stringify(card?.message.blocks)
    expect(sections).toMatch(
      /☒ Blocks: \*A backup is there.*⚠ Warns: \*Somebody is on call.*☑ \*Application\*: all 1 pass"/,
    )
    expect(replies.map(({ thread, message }) => [thread, message.text])).toEqual([
      [card?.ts, '*Application*: 1 pass'],
      [card?.ts, '*Data and backup*: 0 pass, 1 block'],
      [card?.ts, '*Team and communication*: 0 pass, 1 warn'],
    ])
    const words = JSON.stringify(replies.map(({ message }) => message.blocks))
    for (const said of ['a week old', 'Expected: as it should be', 'Looked at: the world', 'Mend it.', 'blue-1'])
      expect(words).toContain(said)
    expect(words).not.toContain('<!channel>')
    const [file] = messenger.uploaded
    expect(file?.thread).toBe(card?.ts)
    expect(reportSchema.parse(JSON.parse(file?.content ?? ''))).toEqual(scene.saved[0])
  })

  const fates: readonly Fate[] = ['lost', 'unanswered', 'throttled']
  test.each(fates)(
    'what is %s anywhere on the way is made up for by the next try, and nothing is there twice',
    async (fate) => {
      await scene.run({})
      const whole = shown(scene)
      const calls = scene.messenger.posted.length + scene.messenger.edited.length + scene.messenger.uploaded.length
      for (let before = 0; before < calls; before++) {
        const broken = open()
        broken.messenger.fates.push(...Array<Fate>(before).fill('done'), fate)
        const isOver = await broken.run({}).then(
          () => true,
          () => false,
        )
        if (!isOver) await broken.run({}, true)
        const left = whole.filter((words) => !shown(broken).includes(words))
        const more = shown(broken).filter((words) => !whole.includes(words))
        // A lost upload is not tried again: the thread says so.
        const lostFile = fate === 'lost' && before === calls - 1
        expect({ before, left: left.length, more: more.length }).toEqual({
          before,
          left: Number(lostFile),
          more: Number(lostFile),
        })
        expect(new Set(shown(broken)).size).toBe(shown(broken).length)
      }
    },
  )

  test('a file that Slack refuses does not hold the report back, and the thread says what to do', async () => {
    const { messenger } = scene
    const { upload } = messenger
    messenger.upload = (file, thread) => {
      messenger.fates.push('refused')
      return upload(file, thread)
    }
    await scene.run({})
    expect(messenger.posted[0]?.message.text).toMatch(/NOT READY/)
    expect(messenger.posted.at(-1)?.message.text).toMatch(/could not be attached.*slipway readiness 5\.1\.0 --json/)
    const told = messenger.posted.length
    await scene.run({}, true)
    expect(messenger.posted).toHaveLength(told)
  })

  test('a card that somebody deleted meanwhile is posted anew', async () => {
    const { messenger } = scene
    messenger.fates.push('done', 'refused', 'refused')
    await scene.run({})
    expect(messenger.posted.filter(({ message }) => message.text.includes('NOT READY'))).toHaveLength(1)
  })

  test('a second try tells the report of the first', async () => {
    scene.messenger.fates.push('done', 'done', 'done', 'lost')
    await expect(scene.run({})).rejects.toMatchObject({ code: 'slack-unreachable' })
    await scene.run({}, true)
    expect(scene.checked).toHaveLength(1)
  })
})

describe('where it does not go on', () => {
  const away = new SlipwayError('slack-unreachable', { method: 'chat.postMessage' })

  test('as Slack is away, the report waits until it is back, however long that is, and is there once', async () => {
    const { world, messenger } = scene
    const told: string[] = []
    messenger.tell = async (_, { text }) => void told.push(text)
    // The card arrives, and nothing after it.
    messenger.fates.push('done', 'done')
    messenger.fates.push(...Array<Fate>(25).fill('lost'))
    let tries = 0
    while (messenger.fates.length > 0) {
      tries += 1
      await expect(scene.run({}, tries > 1, true)).rejects.toMatchObject({ code: away.code })
      world.time += 600_000
    }
    expect(tries).toBe(25)
    const { find } = messenger
    const looked: object[] = []
    messenger.find = (ids, where) => {
      looked.push(where)
      return find(ids, where)
    }
    expect(await scene.run({}, true, true)).toBe('done')
    // As far back as its card can be.
    expect(looked[0]).toEqual({ since: createFakeWorld().time - 60_000 })
    expect(messenger.posted.filter(({ thread }) => thread === undefined)).toHaveLength(1)
    expect(messenger.posted[0]?.message.text).toMatch(/NOT READY/)
    expect(told).toEqual([])
  })

  test('whoever asked is told when it is given up, in Slack or at the terminal', async () => {
    const told: string[] = []
    scene.messenger.tell = async (user, { text }) => void told.push(`${user}: ${text}`)
    scene.onCheck = () => {
      throw new Error('a bug')
    }
    await expect(scene.run({}, true, false)).rejects.toThrow('a bug')
    expect(told).toEqual([])
    await expect(scene.run({}, true, true)).rejects.toThrow('a bug')
    const words = 'Slipway itself failed. It was tried again and again, and is given up.'
    expect(told).toEqual([expect.stringContaining(`U1: ${words}`)])
    await expect(scene.run({ terminal: true }, true, true)).rejects.toThrow('a bug')
    expect(scene.left).toEqual([{ text: expect.stringContaining(words), refused: true }])
  })
})

test('a report in which nothing passes fits into a card, and names everything', () => {
  const all = Array.from({ length: 48 }, (_, index) =>
    sampleFinding(`Check number ${index} of all of them`, 'block', {
      found: '&'.repeat(900),
      expected: 'x'.repeat(900),
    }),
  )
  const message = reportMessage('Shop', sampleReport('5.1.0', 1, all), { id: 'U1', name: 'ada' })
  expect(messageRefusal('chat.postMessage', { ...message })).toBeNull()
  expect(messageRefusal('chat.update', { ...message })).toBeNull()
  const words = JSON.stringify(message.blocks)
  for (const { title } of all) expect(words).toContain(title)
  expect(words).toMatch(/Mend what blocks/)
})

describe('the details', () => {
  const long = (result: 'block' | 'pass', details: readonly string[]) =>
    sampleFinding('x'.repeat(60), result, { found: '&'.repeat(900), looked: 'y'.repeat(900), details: [...details] })

  test('of many long findings stay within what Slack takes', () => {
    const lines = Array.from({ length: 100 }, (_, index) => `${index} ${'z'.repeat(80)}`)
    const report = sampleReport('5.1.0', 1, Array<Finding>(8).fill(long('block', lines)))
    const [one] = detailsMessages(report)
    expect(messageRefusal('chat.postMessage', { ...one?.message })).toBeNull()
    expect(JSON.stringify(one?.message.blocks)).toContain('• 0 z')
  })

  test('that are a text of several lines can be copied', () => {
    const report = sampleReport('5.1.0', 1, [sampleFinding('A', 'warn', { details: ['a:\n  - <b>'] })])
    expect(JSON.stringify(detailsMessages(report))).toContain('```\\na:\\n  - &lt;b&gt;\\n```')
  })
})

describe('for a terminal', () => {
  test('the report waits for the terminal, allows a start, and is told to nobody else', async () => {
    await scene.run({ terminal: true })
    expect(scene.left).toEqual([{ text: 'not-ready', refused: false, report: scene.saved[0] }])
    expect(scene.saved).toHaveLength(1)
    expect(shown(scene)).toEqual([])
  })

  test('some of the categories allow no start', async () => {
    await scene.run({ terminal: true, categories: ['data'] })
    expect(scene.checked).toMatchObject([{ categories: ['data'] }])
    expect(scene.left).toHaveLength(1)
    expect(scene.saved).toEqual([])
  })
})

test('of a terminal that watches only what comes to something else is on record', async () => {
  const { world, recorded } = scene
  await scene.run({ terminal: true })
  const [report] = scene.saved
  if (report === undefined) throw new Error('no report')
  await scene.run({ terminal: true, seen: outcomeHash(report) })
  expect([recorded, await world.record.find('w1')]).toEqual([[], null])
  expect(scene.left).toHaveLength(2)
  const before = report.findings.map((finding) => ({ ...finding, result: 'pass' as const }))
  await scene.run({ terminal: true, seen: outcomeHash({ findings: before }) })
  expect(recorded).toEqual(['w1'])
  expect(await world.record.find('w1')).toMatchObject({
    outcome: 'done',
    answer: '5.1.0 is not-ready: what its checks come to has changed.',
  })
})

test('who stood still while the checks ran posts nothing more: another process tells it', async () => {
  const scene = open()
  const { world, messenger } = scene
  let taken = 0
  Object.assign(world, {
    leases: {
      take: async () => {
        taken += 1
        if (taken > 1) return null
        return { renew: async () => false, release: async () => undefined }
      },
    },
  })
  scene.onCheck = () => {
    world.time += 60_000
  }
  await expect(scene.run({})).rejects.toMatchObject({ code: 'lease-lost' })
  expect(messenger.posted).toHaveLength(1)
  expect(messenger.edited).toEqual([])
  expect(await scene.run({}, true)).toBe('again')
  expect(messenger.posted).toHaveLength(1)
})
