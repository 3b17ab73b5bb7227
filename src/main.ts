#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// Before anything else is loaded: what one process has compiled the next one need not. Not in the temporary directory, where
// somebody else may have put what is run here. Where nothing can be written it compiles as ever.
enableCompileCache(
  process.env.NODE_COMPILE_CACHE ?? fileURLToPath(new URL('../node_modules/.cache/slipway', import.meta.url)),
)
const { run } = await import('./cli/run.ts')
await run(process.argv.slice(2))
