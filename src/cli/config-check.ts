import { loadConfig } from '../config/load.ts'
import { SlipwayError } from '../errors.ts'

/** The lines of an error about the file: its mistakes as they are, or what happened and what to do. */
function linesOf(error: SlipwayError): readonly string[] {
  if ('mistakes' in error.detail) return error.detail.mistakes.split('\n')
  return [error.message, error.todo]
}

/**
 * `slipway config check FILE`: the lines to print and the exit code. A good file gives one line that says what was
 * checked, another one every mistake as `FILE:LINE:COL: what, expected`.
 */
export async function configCheck(file: string): Promise<{ lines: string[]; exit: 0 | 1 }> {
  try {
    const { service, release, roles } = await loadConfig(file)
    const found = `${release.phases.length} phases, ${release.metrics.length} metrics, ${Object.keys(roles).length} roles`
    return { lines: [`${file} is valid: ${service}, ${found}.`], exit: 0 }
  } catch (error) {
    if (error instanceof SlipwayError) return { lines: [...linesOf(error)], exit: 1 }
    throw error
  }
}
