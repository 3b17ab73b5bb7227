import { afterEach, beforeEach } from 'vitest'
import type { ControlPlane } from './control-plane.ts'
import type { Kind } from './notation.ts'
import { createScene, type Scene } from './scene.ts'

/** A scene of its own for every test of the suite. */
export function useScene(plane: () => ControlPlane, kind: Kind = 'virtual-service'): () => Scene {
  let scene: Scene | undefined
  beforeEach(async () => {
    scene = await createScene(plane(), kind)
  })
  afterEach(async () => {
    await scene?.close()
    scene = undefined
  })
  return () => {
    if (!scene) throw new Error('Only inside a test')
    return scene
  }
}
