/**
 * A text as Slack shows it, where local-slack shows it as it was sent: `<!date^…|…>` as a time in the reader's zone, and
 * Slack's three entities. Runs in the page too (its source is handed over), so it uses nothing from outside.
 */
export function asSlackShows(text: string): string {
  return text
    .replace(/<!date\^(\d+)\^\{time_secs\}\|[^>]*>/g, (_, seconds) =>
      new Date(Number(seconds) * 1_000).toLocaleTimeString('en-US'),
    )
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
