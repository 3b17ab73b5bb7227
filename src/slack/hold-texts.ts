import type { EventOf } from '../rollout/events.ts'
import type { Freeze } from '../rollout/freeze.ts'
import type { Holds } from '../rollout/hold.ts'
import { wallText } from '../rollout/wall-time.ts'
import { durationText, escapeText, timeText, who } from './format.ts'
import type { Told } from './told.ts'

export function lockedText({ by, reason }: Pick<EventOf<'locked'>, 'by' | 'reason'>): Told {
  const text = `*Locked* by ${who(by)}: ${escapeText(reason)}. Nothing starts or moves forward until \`/deploy unlock\`; watching and rollback go on.`
  return { text, broadcast: true }
}

export function unlockedText({ by, was }: Pick<EventOf<'unlocked'>, 'by' | 'was'>): Told {
  return {
    text: `*Unlocked* by ${who(by)}. It was locked by ${who(was.by)} since ${timeText(was.at)}: ${escapeText(was.reason)}.`,
    broadcast: true,
  }
}

export function overriddenText({ by, role, reason, freeze, lock, unsigned }: EventOf<'hold-overridden'>): Told {
  const what = [
    ...(lock === undefined ? [] : [`the lock of ${who(lock.by)}`]),
    ...(freeze === undefined
      ? []
      : [`the freeze ${escapeText(freeze.title)} until ${wallText(freeze.until, freeze.zone)}`]),
    ...(unsigned === undefined ? [] : [`what its phase was stopped for (${escapeText(unsigned)})`]),
  ].join(' and ')
  return {
    text: `*Overridden* by ${who(by)} (${escapeText(role)}): ${what}. ${escapeText(reason)}\nThis rollout goes on; another one is held all the same.`,
    broadcast: true,
  }
}

/** What holds a rollout, one line each; mrkdwn. */
export function holdLines({ freeze, lock }: Holds): readonly string[] {
  return [
    ...(lock === undefined
      ? []
      : [
          `*Locked* by ${who(lock.by)} since ${timeText(lock.at)}: ${escapeText(lock.reason)}. No weight rises until \`/deploy unlock\`; watching goes on, and a rollback works.`,
        ]),
    ...(freeze === undefined
      ? []
      : [
          `*Frozen (${escapeText(freeze.title)}) until ${wallText(freeze.until, freeze.zone)}.* No weight rises until then; watching goes on, and a rollback works.`,
        ]),
  ]
}

/** What a plan says of a freeze that begins before the release can be through; `planned` is how long its soaks take, in ms; mrkdwn. */
export function aheadText({ title, zone, from, until }: Freeze, planned: number): string {
  return `*Freeze ahead:* ${escapeText(title)}, ${wallText(from, zone)} until ${wallText(until, zone)}. The soaks that are left take ${durationText(planned)}.`
}
