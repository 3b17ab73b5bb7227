import { expect, test } from 'vitest'
import { imageOf, readRelease, releaseOf, releaseText } from '../../src/config/release-name.ts'

const digest = `sha256:${'4'.repeat(64)}`

test('a release is known by its image again: with a digest or without, also where its version stands in the digest', () => {
  const config = { image: 'registry.example.com/app:{version}' }
  for (const text of ['5.1.0', '4', `5.1.0@${digest}`, `4@${digest}`]) {
    const release = readRelease(text)
    expect(releaseText(release)).toBe(text)
    expect(releaseOf({ version: release.version, image: imageOf(config, release) })).toEqual(release)
  }
})

test('where versions are digests, a release has no other name', () => {
  const version = '4'.repeat(64)
  const image = imageOf({ image: 'registry.example.com/app@sha256:{version}' }, { version })
  expect(image).toBe(`registry.example.com/app@${digest}`)
  expect(releaseOf({ version, image })).toEqual({ version })
})
