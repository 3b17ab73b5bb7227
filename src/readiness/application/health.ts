import { z } from 'zod'
import { url } from '../../config/fields.ts'
import { askAll } from '../ask-all.ts'
import { block, counted, defineCheck, few, pass } from '../check.ts'

/** The service says of itself that it is well. */
export const health = defineCheck({
  category: 'application',
  name: 'health',
  title: 'The health endpoints answer',
  settings: { urls: z.array(url).prefault([]).describe('Addresses that answer 2xx when the service is well.') },
  offBecause: ({ urls }) => (urls.length === 0 ? 'no address is configured' : undefined),
  looksAt: (_, { urls }) => urls.join(', '),
  expects: () => 'a status of 200 to 299 from each',
  async run({ outside }, { urls }) {
    const { answers, failure } = await askAll(
      urls.map(async (address) => {
        const { status } = await outside.fetch(address)
        return { ok: status >= 200 && status < 300, text: `${address}: status ${status}` }
      }),
    )
    const bad = answers.filter(({ ok }) => !ok).map(({ text }) => text)
    if (bad.length > 0) return block(few(bad, 3), 'Find out why: what runs now is not well.', bad)
    if (failure !== undefined) throw failure
    return pass(counted(answers.length, 'answers', 'answer'))
  },
})
