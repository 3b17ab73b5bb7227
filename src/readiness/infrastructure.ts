import type { Check } from './check.ts'
import { apiServer } from './infrastructure/api-server.ts'
import { serviceFree } from './infrastructure/service-free.ts'

/** What everything stands on: cluster, room, Redis. */
export const infrastructure: readonly Check[] = [apiServer, serviceFree]
