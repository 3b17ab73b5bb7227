import type { ClusterView } from './ports.ts'
import type { World } from './world.ts'

interface Meanwhile {
  /** What goes on without the look, for the log. */
  readonly meanwhile?: string
  /** Is told why there is none. */
  readonly failed?: (error: unknown) => Promise<void>
}

/** A look at the cluster; null, and a warning, where that is not possible. */
export async function viewIfReachable(
  { cluster, log }: Pick<World, 'cluster' | 'log'>,
  { meanwhile = 'metrics are watched all the same', failed }: Meanwhile = {},
): Promise<ClusterView | null> {
  try {
    return await cluster.view()
  } catch (error) {
    log.warn({ err: error }, `the cluster could not be looked at; ${meanwhile}`)
    if (failed !== undefined) await failed(error)
    return null
  }
}
