import { z } from 'zod'
import { url } from '../../config/fields.ts'
import { tell } from '../../jobs/failure.ts'
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
    const answers = await Promise.all(
      urls.map(async (address) => {
        const answer = await outside.fetch(address).then(
          ({ status }) => ({ ok: status >= 200 && status < 300, text: `status ${status}` }),
          (error: unknown) => ({ ok: false, text: tell(error).what }),
        )
        return { ...answer, text: `${address}: ${answer.text}` }
      }),
    )
    const bad = answers.filter(({ ok }) => !ok).map(({ text }) => text)
    if (bad.length > 0) return block(few(bad, 3), 'Find out why: what runs now is not well.', bad)
    return pass(counted(answers.length, 'answers', 'answer'))
  },
})
