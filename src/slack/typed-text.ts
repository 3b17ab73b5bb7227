/**
 * What somebody typed, of what Slack makes of it: it escapes `&`, `<` and `>`, and writes people, channels and links as `<@U…|name>`,
 * `<#C…|name>` and `<address|label>`. People become `@U…`, so that they are known by their id.
 */
export function typedText(text: string): string {
  return text
    .replaceAll(/<@([UW][A-Z0-9]+)(?:\|[^>]*)?>/g, '@$1')
    .replaceAll(/<#([CG][A-Z0-9]+)(?:\|([^>]*))?>/g, (_, id: string, name?: string) => `#${name || id}`)
    .replaceAll(/<!subteam\^([A-Z0-9]+)(?:\|@?([^>]*))?>/g, (_, id: string, name?: string) => `@${name || id}`)
    .replaceAll(/<!([a-z]+)[^>]*>/g, '@$1')
    .replaceAll(
      /<((?:https?|mailto|tel):[^>|]+)(?:\|([^>]*))?>/g,
      (_, address: string, label?: string) => label || address,
    )
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
