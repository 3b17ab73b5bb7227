/** What the pictures of the documents show, in the order of a release. */
const scenes = ['report', 'plan', 'soak', 'rollback', 'summary'] as const

export type Scene = (typeof scenes)[number]

/** A window that scenes are shown in: its size in CSS px (the height follows what is shown), and device px a CSS px. */
export interface Window {
  readonly suffix: string
  readonly width: number
  readonly leastHeight: number
  readonly mostHeight: number
  readonly scale: number
}

/** Each scene is shown in both. */
export const windows: readonly Window[] = [
  { suffix: '', width: 1120, leastHeight: 400, mostHeight: 1000, scale: 1.25 },
  { suffix: '-phone', width: 390, leastHeight: 400, mostHeight: 1600, scale: 2 },
]

/** The file name of a picture in docs/pictures. */
export function fileOf(scene: Scene, { suffix }: Window): string {
  return `${scene}${suffix}.png`
}

/** Every file that script/screenshots makes. */
export const files: readonly string[] = scenes.flatMap((scene) => windows.map((window) => fileOf(scene, window)))
