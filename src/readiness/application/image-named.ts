import { block, defineCheck, pass } from '../check.ts'
import { isPinned, parseImage } from '../image-name.ts'

/** The image's name is one that a registry takes, and stands for one image. */
export const imageNamed = defineCheck({
  category: 'application',
  name: 'image-named',
  title: 'The image is named properly',
  settings: {},
  looksAt: ({ image }) => image,
  expects: () => 'registry, repository and a tag that is not moved from image to image',
  async run({ image }) {
    const name = parseImage(image)
    if (name === null)
      return block('no registry would take this name', 'Correct `image` in the configuration, or the version.')
    if (!isPinned(name))
      return block(`the tag ${name.tag} is moved from image to image`, 'Release a version of its own.')
    return pass(`${name.repository}, tag ${name.tag ?? 'none'}`)
  },
})
