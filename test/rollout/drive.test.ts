import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRollouts } from '../../src/ledger/rollouts.ts'
import type { Job } from '../../src/rollout/effects.ts'
import { course, play } from './course.ts'
import { rollout, service } from './drive.ts'
import { createMemoryLedger } from './memory-ledger.ts'

it('takes commands as the ledger does', async () => {
  await fc.assert(
    fc.asyncProperty(course, async (c) => {
      const jobs: Job[] = []
      const rollouts = createRollouts(service, createMemoryLedger(), async (_rollout, started) => {
        jobs.push(...started)
      })
      const { taken } = play(c)
      for (const { command, events, refusal } of taken) {
        const done = await rollouts.execute(rollout, command)
        expect(done).toMatchObject(refusal === null ? { events } : { refusal })
      }
      expect(jobs).toEqual(taken.flatMap((t) => t.jobs))
    }),
    { numRuns: 30 },
  )
})
