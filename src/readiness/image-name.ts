/** The parts of an image's name. */
export interface ImageName {
  /** Host, with its port; undefined for Docker Hub's short names. */
  readonly registry: string | undefined
  readonly repository: string
  readonly tag: string | undefined
  readonly digest: string | undefined
}

const part = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const pattern = new RegExp(
  `^(?:((?:[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+(?::\\d+)?)|[A-Za-z0-9-]+:\\d+|localhost)/)?(${part}(?:/${part})*)(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(sha256:[a-f0-9]{64}))?$`,
)

/** Reads an image's name; null for what no registry would take. */
export function parseImage(image: string): ImageName | null {
  const [, registry, repository, tag, digest] = pattern.exec(image) ?? []
  return repository === undefined ? null : { registry, repository, tag, digest }
}

/** Tags that people move from image to image. */
const moving = /^(latest|main|master|stable|edge|nightly|dev|develop|prod|production|release|snapshot)$/i

/** Does the name stand for one image: by digest, or by a tag that nobody moves on purpose? */
export function isPinned({ tag, digest }: ImageName): boolean {
  return digest !== undefined || (tag !== undefined && !moving.test(tag))
}
