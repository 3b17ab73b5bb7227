import { describe } from 'vitest'
import { clusterContract } from './cluster.contract.ts'
import { standIn } from './control-plane.ts'

describe('the sandbox’s stand-in', () => clusterContract(standIn, true))
