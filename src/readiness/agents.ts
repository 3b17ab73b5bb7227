import { agentsAvailable } from './agents/agents-available.ts'
import { agentsCompatible } from './agents/agents-compatible.ts'
import { workflowsStuck } from './agents/workflows-stuck.ts'
import { workflowsSucceeding } from './agents/workflows-succeeding.ts'
import type { Check } from './check.ts'

/** Agents and workflows. */
export const agents: readonly Check[] = [agentsAvailable, agentsCompatible, workflowsSucceeding, workflowsStuck]
