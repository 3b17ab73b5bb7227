import { z } from 'zod'
import { duration, durationUpTo, text, url, words } from './fields.ts'

const day = 86_400_000

const directory = z.strictObject({
  directory: words.describe('An existing directory.'),
})
const bucket = z.strictObject({
  bucket: text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'expected the name of a bucket').describe('An existing bucket.'),
  endpoint: url.describe('Address of an object storage that speaks the S3 API.'),
  region: text(/^[a-z0-9-]+$/, 'expected a region such as eu-central-1').describe(
    'The region that requests are signed for.',
  ),
  prefix: text(/^([\w.-]+\/)*$/, 'expected a prefix that ends with /, such as slipway/')
    .prefault('')
    .describe('Stands before the name of every object.'),
  timeout: duration.prefault('30s').describe('Time limit of one upload.'),
})

/** How long the record is kept, and where it is written to. */
export const record = z.strictObject({
  keepFor: durationUpTo(3_650 * day, '3650d')
    .refine((ms) => ms >= day, { error: 'expected at least 1d' })
    .prefault('400d')
    .describe('How long the record of a rollout that is over stays in Redis.'),
  sink: z
    .union([directory, bucket], { error: 'expected a directory, or a bucket with its endpoint and region' })
    .exactOptional()
    .describe('Where the record of a rollout is written when it is over.'),
})
