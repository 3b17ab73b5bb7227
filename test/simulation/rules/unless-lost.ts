import type { Rule } from './scene.ts'

/**
 * A rule about what is told once: it holds as long as Redis keeps what it was given. When it came back older or empty, nobody
 * can know what has been told; what then counts are the rules about the cluster.
 */
export function unlessLost(rule: Rule): Rule {
  return (scene) => {
    const { settled, incidentOpened, ...others } = rule(scene)
    const ifWhole = (look: () => void) => {
      if (!scene.outside.witness.wasRewound()) look()
    }
    return {
      ...others,
      ...(settled && { settled: () => ifWhole(settled) }),
      ...(incidentOpened && { incidentOpened: (key: string) => ifWhole(() => incidentOpened(key)) }),
    }
  }
}
