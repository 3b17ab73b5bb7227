import { url, words } from '../../config/fields.ts'
import { block, defineCheck, pass } from '../check.ts'

/** The report can be written where people look for it. */
export const confluence = defineCheck({
  category: 'team',
  name: 'confluence',
  title: 'The Confluence space can be written',
  severity: 'warn',
  settings: {
    url: url
      .exactOptional()
      .describe("Confluence Cloud's address with /wiki. Off without it. Needs CONFLUENCE_CREDENTIALS."),
    space: words.exactOptional().describe("The space's key."),
  },
  offBecause: ({ url, space }) =>
    url === undefined || space === undefined ? 'no url and space are configured' : undefined,
  looksAt: (_, { url, space }) => `space ${space} at ${url}`,
  expects: () => 'pages may be created',
  async run({ outside }, { url = '', space = '' }) {
    const may = await outside.mayWriteSpace(url, space)
    if (may === null)
      return block(`there is no space ${space} to be seen`, "Check the space's key, and who may see it.")
    return may
      ? pass('pages may be created')
      : block('pages may not be created', 'Give the user of CONFLUENCE_CREDENTIALS the right to add pages.')
  },
})
