import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { files, windows } from '../../src/sandbox/screenshots/pictures.ts'
import { pages } from './pages.ts'

const directory = 'docs/pictures'

/** The pictures of this repository that a page shows, from the top of the repository. */
function shownBy(page: string): readonly string[] {
  const text = readFileSync(page, 'utf8')
  const sources = [...text.matchAll(/!\[[^\]]*\]\(([^)\s]+)\)|<img [^>]*src="([^"]+)"/g)].map((m) => m[1] ?? m[2] ?? '')
  return sources.filter((source) => !/^[a-z]+:/.test(source)).map((source) => normalize(join(dirname(page), source)))
}

const made = files.map((file) => join(directory, file))
const shown = [...new Set(pages.flatMap(shownBy))]

/** Width of a PNG in device px: the first field of its first chunk. */
const widthOf = (file: string) => readFileSync(file).readUInt32BE(16)

describe('the pictures', () => {
  it('are those that script/screenshots makes, and all of them are shown', () => {
    expect(shown.toSorted()).toEqual(made.toSorted())
  })

  it('are there, and nothing else beside them', () => {
    expect(readdirSync(directory).toSorted()).toEqual(files.toSorted())
  })

  it.each(made)('%s is as wide as its window, and small', (file) => {
    const window = windows.findLast(({ suffix }) => file.endsWith(`${suffix}.png`))
    expect(widthOf(file)).toBe((window?.width ?? 0) * (window?.scale ?? 0))
    expect(statSync(file).size).toBeLessThan(150_000)
  })
})
