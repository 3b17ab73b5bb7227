import { systemClock } from '../../src/clock.ts'
import { createQueues, startWorkers } from '../../src/jobs/queues.ts'
import { handlersOf } from './handlers-of.ts'

/** A process that takes a job and never ends it: started by a test, to be killed. Arguments: the Redis URL and the prefix. */
const [url = '', prefix = ''] = process.argv.slice(2)
const take = async () => {
  process.stdout.write('taken\n')
  await systemClock.wait(600_000)
  return 'done' as const
}
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
startWorkers(
  url,
  prefix,
  handlersOf(() => take),
  silent,
)
await createQueues(url, prefix).startJobs([{ name: 'prepare', service: 'shop', rollout: 1, order: 1 }])
