/**
 * What goes wrong with the app's side of Slack; its page goes on. `off`: connections are cut, sockets too, and new ones are
 * not taken. `slow`: every answer takes 2 s more. `failing`: status 503. `throttled`: status 429, for 2 s each time.
 * `nonsense`: status 200 and a page instead of an answer. `unanswered`: what was asked for is done, and never answered.
 */
export const slackFaults = ['off', 'slow', 'failing', 'throttled', 'nonsense', 'unanswered'] as const
export type SlackFault = (typeof slackFaults)[number]

/** How much longer an answer takes while Slack is slow, in ms. */
export const slowBy = 2_000
/** How long Slack asks to be left alone while it is throttled, in s. */
export const throttledFor = 2
