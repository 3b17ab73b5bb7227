import type { SinkConfig } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import { SlipwayError } from '../errors.ts'
import { createBucketSink } from './bucket-sink.ts'
import { createDirectorySink } from './directory-sink.ts'
import type { Sink } from './sink.ts'

/** The configured sink; null when there is none. Throws `environment-invalid` for a bucket without its key. */
export function createSink(
  config: SinkConfig | undefined,
  storage: Environment['storage'],
  newId: () => string,
): Sink | null {
  if (config === undefined) return null
  if ('directory' in config) return createDirectorySink(config.directory, newId)
  if (storage !== undefined) return createBucketSink(config, storage)
  const mistakes = 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are missing, expected them beside record.sink.bucket'
  throw new SlipwayError('environment-invalid', { mistakes })
}
