/**
 * Asks several sources: what those answered that did, and what the first of the others failed with. A bad answer is a finding also while
 * another source is away.
 */
export async function askAll<T>(
  asked: readonly Promise<T>[],
): Promise<{ readonly answers: readonly T[]; readonly failure?: unknown }> {
  const settled = await Promise.allSettled(asked)
  const answers = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failed = settled.find((one) => one.status === 'rejected')
  return failed === undefined ? { answers } : { answers, failure: failed.reason }
}
