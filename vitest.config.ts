import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/longest-first.ts'
import { memoryDirectory } from './test/memory-directory.ts'

/** These leave nothing behind in the process that runs them: they share what they import, which costs more than most of them. */
const inProcess = ['config', 'jobs', 'readiness', 'rollout', 'slack'].map((folder) => `test/${folder}/**/*.test.ts`)

export default defineConfig({
  test: {
    // No measure of speed: a machine that is busy with other things may take long over anything.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 45_000 } },
    env: memoryDirectory(),
    sequence: { sequencer: LongestFirst },
    allowOnly: false,
    passWithNoTests: false,
    projects: [
      { extends: true, test: { name: 'in-process', include: inProcess, isolate: false } },
      {
        extends: true,
        test: { name: 'processes', include: ['test/**/*.test.ts', ...inProcess.map((glob) => `!${glob}`)] },
      },
    ],
  },
})
