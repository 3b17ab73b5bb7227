/** Shortens text to `most` UTF-16 units, which is how Slack and PagerDuty count, and shows that something is missing. No character is cut in half. */
export function clip(text: string, most: number): string {
  const whole = text.toWellFormed()
  if (whole.length <= most) return whole
  const cut = whole.slice(0, most - 1)
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1)}…`
}
