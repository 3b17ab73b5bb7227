import { url } from '../../config/fields.ts'
import { block, defineCheck, pass } from '../check.ts'
import { parseImage } from '../image-name.ts'

/** The registry has the image: its manifest is asked for, by the registry's HTTP API v2. */
export const imageExists = defineCheck({
  category: 'application',
  name: 'image-exists',
  title: 'The registry has the image',
  settings: {
    registry: url.exactOptional().describe('Address of the registry; without it, it is not asked.'),
  },
  offBecause: ({ registry }) => (registry === undefined ? 'no registry is configured' : undefined),
  looksAt: ({ image }) => `the manifest of ${image}`,
  expects: () => 'the registry knows it',
  async run({ image, outside }, { registry = '' }) {
    const name = parseImage(image)
    if (name === null) return block('no registry would take this name', 'Correct `image` in the configuration.')
    const digest = await outside.findImage(registry, name.repository, name.digest ?? name.tag ?? 'latest')
    if (digest === null) return block('the registry does not know it', 'Push the image, or correct the version.')
    return pass(digest === '' ? 'it is there' : digest)
  },
})
