import { AwsClient } from 'aws4fetch'
import type { SinkConfig } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import { SlipwayError } from '../errors.ts'
import type { Sink } from './sink.ts'

type Bucket = Extract<SinkConfig, { bucket: string }>

/** What says by itself that a later try may be taken. */
const comeAgain = [408, 425, 429]

/** Objects in a bucket, over the S3 API. */
export function createBucketSink(config: Bucket, { keyId, key, session }: NonNullable<Environment['storage']>): Sink {
  const { bucket, endpoint, region, prefix, timeout } = config
  const where = `${endpoint}/${bucket}`
  const client = new AwsClient({
    accessKeyId: keyId.reveal(),
    secretAccessKey: key.reveal(),
    ...(session && { sessionToken: session.reveal() }),
    ...{ service: 's3', region, retries: 0 },
  })
  return {
    async write(name, content) {
      const options = { method: 'PUT', body: content, headers: { 'content-type': 'application/x-ndjson' } }
      const signal = AbortSignal.timeout(timeout)
      const answer = await client
        .fetch(`${endpoint.replace(/\/$/, '')}/${bucket}/${prefix}${name}`, { ...options, signal })
        .catch(() => null)
      if (answer?.ok) return
      await answer?.body?.cancel()
      const status = answer?.status ?? 0
      if (status >= 300 && status < 500 && !comeAgain.includes(status))
        throw new SlipwayError('sink-refused', { where, why: `status ${status}` })
      throw new SlipwayError('sink-unreachable', { where })
    },
  }
}
