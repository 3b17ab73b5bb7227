import { z } from 'zod'
import type { FreezeWindow } from '../rollout/freeze.ts'
import { text, words } from './fields.ts'

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const
const minute = 60_000
const expected = 'expected a weekly time such as "Fri 16:00" or a date and time such as "2026-12-20 00:00"'
const notation = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun|\d{4}-\d{2}-\d{2}) ([01]\d|2[0-3]):[0-5]\d$/

interface Time {
  readonly every: FreezeWindow['every']
  /** As in `FreezeWindow`. */
  readonly ms: number
}

const time = text(notation, expected).transform((written, context): Time => {
  const [day = '', clock = ''] = written.split(' ')
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  const ofDay = (hours * 60 + minutes) * minute
  const weekday = days.map(String).indexOf(day)
  if (weekday >= 0) return { every: 'weekly', ms: weekday * 24 * 60 * minute + ofDay }
  const date = Date.parse(`${day}T00:00:00Z`)
  // Some parsers make the 2nd of March of the 30th of February.
  if (!Number.isNaN(date) && new Date(date).toISOString().startsWith(day)) return { every: 'dated', ms: date + ofDay }
  context.addIssue({ code: 'custom', message: expected })
  return z.NEVER
})

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** One window in which nothing starts or moves forward. */
const freeze = z
  .strictObject({
    title: words.describe('How people call it.'),
    zone: words
      .refine(isZone, { error: 'expected a time zone such as Europe/Berlin or UTC' })
      .describe('Time zone of the two times, by its IANA name.'),
    from: time.describe('When it begins: a weekly time (Fri 16:00) or a date and time (2026-12-20 00:00).'),
    to: time.describe('When it ends, in the same form.'),
  })
  .refine(
    ({ from, to }) => from.every === to.every && from.ms !== to.ms && (from.every === 'weekly' || from.ms < to.ms),
    {
      path: ['to'],
      error: 'expected the same form as from, and a later time',
    },
  )
  .transform(({ title, zone, from, to }): FreezeWindow => {
    return { title, zone, every: from.every, from: from.ms, to: to.ms }
  })

/** Windows in which nothing starts or moves forward. */
export const freezes = z.array(freeze.describe('One window.'))
