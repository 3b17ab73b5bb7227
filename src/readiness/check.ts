import type { ClusterView } from '../jobs/ports.ts'
import type { World } from '../jobs/world.ts'

/** What a check found. A check that could not run blocks, with the reason. */
export interface Finding {
  readonly category: Category
  /** What was looked at. */
  readonly name: string
  readonly result: 'pass' | 'warn' | 'block'
  /** What was found and expected, and how to mend it where it is not a pass. */
  readonly found: string
}

export const categories = ['infrastructure', 'application', 'configuration', 'monitoring'] as const
export type Category = (typeof categories)[number]

/** What the checks look at; the cluster is read once for all of them. */
export interface Subject {
  readonly world: World
  readonly version: string
  readonly view: () => Promise<ClusterView>
}

/** One check of a category: throws when it could not run. */
export interface Check {
  readonly category: Category
  readonly name: string
  run(subject: Subject): Promise<Pick<Finding, 'result' | 'found'>>
}

export const pass = (found: string) => ({ result: 'pass', found }) as const
export const block = (found: string) => ({ result: 'block', found }) as const
