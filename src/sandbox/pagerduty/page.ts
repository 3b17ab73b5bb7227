import type { Incident } from './incidents.ts'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: unknown) =>
  (typeof text === 'string' ? text : JSON.stringify(text)).replaceAll(/[&<>"']/g, (found) => entities[found] ?? '')

function time(at: number): string {
  const iso = new Date(at).toISOString()
  return `<time datetime="${iso}">${iso.slice(11, 19)} UTC</time>`
}

const style = `
  :root { color-scheme: light dark; --line: #8884; --quiet: #777; --open: #b3261e; --done: #2e7d32; }
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.3rem; }
  article { border: 1px solid var(--line); border-left: 4px solid var(--done); border-radius: 6px; padding: 1rem; margin: 1rem 0; }
  article.triggered { border-left-color: var(--open); }
  h2 { font-size: 1.05rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
  a { color: inherit; }
  .status { font-weight: 600; color: var(--done); }
  .triggered .status { color: var(--open); }
  p { margin: 0 0 .75rem; color: var(--quiet); overflow-wrap: anywhere; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0 0 .75rem; }
  dt { color: var(--quiet); }
  dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
  ol { margin: 0; padding: 0; list-style: none; border-top: 1px solid var(--line); padding-top: .5rem; font-size: .9rem; }
  time { font-variant-numeric: tabular-nums; }
`

function article(incident: Incident): string {
  const { number, title, status, severity, key, source, client, alerts, createdAt, resolvedAt } = incident
  const details = Object.entries(incident.details).map(
    ([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`,
  )
  const log = incident.log.map(({ at, text }) => `<li>${time(at)} ${escaped(text)}</li>`)
  const until = resolvedAt === null ? '' : ` to ${time(resolvedAt)}`
  return `<article class="${status}" id="incident-${number}">
<h2><a href="/incidents/${number}">#${number}</a> ${escaped(title)}</h2>
<p><span class="status">${status}</span> · ${escaped(severity)} · ${escaped(source)} · ${time(createdAt)}${until}
 · ${alerts} ${alerts === 1 ? 'alert' : 'alerts'} · by ${escaped(client)}<br><code>${escaped(key)}</code></p>
<dl>${details.join('')}</dl>
<ol>${log.join('')}</ol>
</article>`
}

/** The incidents for people, newest first; the page loads itself again every 2 seconds. */
export function page(incidents: readonly Incident[]): string {
  const open = incidents.filter(({ status }) => status === 'triggered').length
  const heading = incidents.length === 0 ? 'No incidents yet' : `${incidents.length} shown, ${open} open`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="2">
<title>PagerDuty of the sandbox (${open} open)</title>
<style>${style}</style>
</head>
<body>
<h1>PagerDuty of the sandbox: ${heading}</h1>
${incidents.map(article).reverse().join('\n')}
</body>
</html>
`
}
