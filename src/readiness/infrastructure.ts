import type { Check } from './check.ts'
import { apiServer } from './infrastructure/api-server.ts'
import { budgets } from './infrastructure/disruption-budgets.ts'
import { nodesReady } from './infrastructure/nodes-ready.ts'
import { notLocked } from './infrastructure/not-locked.ts'
import { quotas } from './infrastructure/quotas.ts'
import { redisKeeps } from './infrastructure/redis-keeps.ts'
import { room } from './infrastructure/room.ts'
import { serviceFree } from './infrastructure/service-free.ts'

/** What everything stands on: cluster, room, Redis. */
export const infrastructure: readonly Check[] = [
  apiServer,
  nodesReady,
  room,
  quotas,
  budgets,
  redisKeeps,
  serviceFree,
  notLocked,
]
