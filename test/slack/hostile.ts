/** What somebody could try: mentions of everybody, links, formatting, and far too much of it. */
export const hostile = `<!channel> <https://example.com|click> *bold* & ${'x'.repeat(10_000)}`
