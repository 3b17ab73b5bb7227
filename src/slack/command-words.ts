/** What comes along when an option is copied from a text: quotes, the brackets of a usage, and characters that nobody sees. */
const wrapping = /[`'"“”‘’[\]\p{Cf}]/gu

/** Dashes of any kind: many keyboards make `—` of `--`. */
const dash = /[\p{Pd}\u2212]/gu

/** A word that begins with a dash, and what it says from its first letter or digit on; nothing where the dash stands alone. */
const dashed = /^[\p{Pd}\u2212][^\p{L}\p{N}]*(.*)$/su

/** Is there anything in a word that can be seen? */
export function isSeen(word: string): boolean {
  return /\P{Cf}/u.test(word)
}

/** Sorts words into the options among `known`, by their names (`dry-run`), and all others. An option may stand anywhere. */
export function sortWords(
  written: readonly string[],
  known: readonly string[],
): { readonly options: ReadonlySet<string>; readonly words: readonly string[] } {
  const options = new Set<string>()
  const words = written.filter((word) => {
    const option = optionIn(word)
    if (option === null || !known.includes(option)) return true
    options.add(option)
    return false
  })
  return { options, words }
}

/** The name of the option that a word is meant as; null where it is none: a number below zero is none, nor is a dash that stands alone. */
export function optionIn(word: string): string | null {
  const said = saidIn(word) ?? ''
  return /^\p{L}/u.test(said) ? said.toLowerCase().replaceAll(dash, '-') : null
}

/** Words without the dashes before them that stand alone: `- it is slow`. */
export function afterDashes(words: readonly string[]): readonly string[] {
  const first = words.findIndex((word) => saidIn(word) !== '')
  return first < 0 ? [] : words.slice(first)
}

function saidIn(word: string): string | undefined {
  return dashed.exec(word.replaceAll(wrapping, ''))?.[1]
}
