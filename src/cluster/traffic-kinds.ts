import type { ClusterConfig } from '../config/config.ts'
import { httpRoute } from './http-route.ts'
import type { TrafficKind } from './route-object.ts'
import { virtualService } from './virtual-service.ts'

/** The kinds of objects that Slipway writes weights to, as the configuration calls them. */
export const trafficKinds: Readonly<Record<ClusterConfig['traffic']['kind'], TrafficKind>> = {
  'virtual-service': virtualService,
  'http-route': httpRoute,
}
