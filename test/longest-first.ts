import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Where the files lie that take minutes, the longest before the others. */
const long = ['/test/e2e/long/limits', '/test/contract/kubernetes', '/test/e2e/', '/test/contract/', '/test/sandbox/']

/**
 * Vitest begins with the largest file, where it does not remember how long each took: on a fresh clone. The longest here is one of the
 * smallest, and begun last it would run for minutes while nothing else is left to do.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => placeOf(one) - placeOf(other))
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = long.findIndex((start) => moduleId.includes(start))
  return place < 0 ? long.length : place
}
