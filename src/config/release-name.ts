import type { Config } from './config.ts'

/** A release as people name it: its version, and where it must be one image exactly, that image's digest (`sha256:…`). */
export interface ReleaseName {
  readonly version: string
  readonly digest?: string
}

/** Reads `5.1.0` or `5.1.0@sha256:…`; neither part is checked. */
export function readRelease(text: string): ReleaseName {
  const [version = '', ...digest] = text.split('@')
  return { version, ...(digest.length > 0 && { digest: digest.join('@') }) }
}

/** The name that `readRelease` reads. */
export function releaseText({ version, digest }: ReleaseName): string {
  return digest === undefined ? version : `${version}@${digest}`
}

/** The image of a release, as the configuration names it. */
export function imageOf({ image }: Pick<Config, 'image'>, release: ReleaseName): string {
  return releaseText({ ...release, version: image.replaceAll('{version}', release.version) })
}

/** The name of the release that has this image. Where versions are digests, that of the image is no other name. */
export function releaseOf({ version, image }: { readonly version: string; readonly image: string }): ReleaseName {
  const { digest } = readRelease(image)
  return { version, ...(digest !== undefined && digest !== `sha256:${version}` && { digest }) }
}
