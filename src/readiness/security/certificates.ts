import { z } from 'zod'
import { duration, url } from '../../config/fields.ts'
import { durationText } from '../../slack/format.ts'
import { block, counted, defineCheck, few, pass } from '../check.ts'
import type { Subject } from '../subject.ts'

const isSecure = (address: string) => address.startsWith('https:')

/** The addresses whose certificates are looked at: the API server's, Prometheus', and those that are configured. */
function addressesOf({ config, outside }: Subject, endpoints: readonly string[]): readonly string[] {
  return [outside.apiServer, config.prometheus.url, ...endpoints].filter(isSecure)
}

/** No certificate runs out soon. They are read where they are served, never from a Secret. */
export const certificates = defineCheck({
  category: 'security',
  name: 'certificates',
  title: 'No certificate is about to run out',
  settings: {
    left: duration.prefault('7d').describe('A certificate must be valid for longer than this.'),
    endpoints: z.array(url).prefault([]).describe('More https addresses whose certificates are looked at.'),
  },
  offBecause: ({ endpoints }, subject) =>
    addressesOf(subject, endpoints).length === 0 ? 'nothing is spoken to over https' : undefined,
  looksAt: (subject, { endpoints }) => `what ${addressesOf(subject, endpoints).join(', ')} serve`,
  expects: (_, { left }) => `valid for more than ${durationText(left)}`,
  async run(subject, { left, endpoints }) {
    const { world, outside } = subject
    const read = await Promise.all(
      addressesOf(subject, endpoints).map(async (address) => {
        const ends = await outside.certificateEnd(address)
        return { address, days: Math.floor((ends - world.clock.now()) / 86_400_000), ends }
      }),
    )
    const text = ({ address, days }: (typeof read)[number]) =>
      days < 0 ? `${address}: run out` : `${address}: ${counted(days, 'day')} left`
    const short = read.filter(({ ends }) => ends - world.clock.now() <= left).map(text)
    if (short.length > 0) return block(few(short), 'Renew it before the release.', short)
    return pass(few(read.map(text)))
  },
})
