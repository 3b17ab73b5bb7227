import { share } from '../../config/fields.ts'
import { block, defineCheck, few, pass } from '../check.ts'

/** The fields of Redis' INFO. */
function fieldsOf(info: string): ReadonlyMap<string, string> {
  return new Map(
    info.split(/\r?\n/).flatMap((line) => {
      const [name, value] = line.split(':', 2)
      return name !== undefined && value !== undefined && !name.startsWith('#') ? [[name, value]] : []
    }),
  )
}

/** Redis loses nothing: it writes every change to disk, and evicts nothing when it is full. */
export const redisKeeps = defineCheck({
  category: 'infrastructure',
  name: 'redis-keeps',
  title: 'Redis answers, and loses nothing',
  settings: {
    memory: share.prefault('80%').describe('Above this share of its memory it is too full, where it has a limit.'),
  },
  looksAt: () => "Redis' INFO: persistence and memory",
  expects: (_, { memory }) => `append-only file on and written, noeviction, memory below ${Math.round(memory * 100)} %`,
  async run({ outside }, { memory }) {
    const fields = fieldsOf(await outside.redisInfo())
    const [aof, policy] = [fields.get('aof_enabled'), fields.get('maxmemory_policy')]
    const [used, most] = [Number(fields.get('used_memory')), Number(fields.get('maxmemory'))]
    if (aof === undefined || policy === undefined || Number.isNaN(used) || Number.isNaN(most))
      return block(
        'its INFO does not tell',
        'Use a Redis that tells its persistence and memory, as k8s/redis.yaml does.',
      )
    const wrong = [
      ...(aof === '1' ? [] : ['appendonly is off']),
      ...(aof === '1' && fields.get('aof_last_write_status') !== 'ok' ? ['the last write to disk failed'] : []),
      ...(policy === 'noeviction' ? [] : [`maxmemory-policy is ${policy}`]),
      ...(most > 0 && used / most > memory ? [`memory is ${Math.round((used / most) * 100)} % full`] : []),
    ]
    if (wrong.length === 0) return pass(`append-only file on, ${policy}`)
    return block(few(wrong), 'Set it as k8s/redis.yaml does: a Redis that forgets loses sign-offs and jobs.', wrong)
  },
})
