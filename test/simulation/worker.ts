import { parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { isPlantName, plant } from './plants.ts'

/** What a worker is told: whether to plant a fault first; then seeds, one after another. */
const data = z.object({ plant: z.string().optional() })

// Faults throw thousands of errors; nobody reads where they came from.
Error.stackTraceLimit = 0

const { plant: name } = data.parse(workerData)
if (name !== undefined && isPlantName(name)) plant(name)
// After the plant: it changes what this imports.
const { simulate } = await import('./simulation.ts')

parentPort?.on('message', async (message: unknown) => {
  const { seed, traced } = z.object({ seed: z.number(), traced: z.boolean() }).parse(message)
  parentPort?.postMessage(await simulate(seed, traced))
})
parentPort?.postMessage('ready')
