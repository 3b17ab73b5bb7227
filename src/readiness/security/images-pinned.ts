import type { V1Container } from '@kubernetes/client-node'
import { block, defineCheck, few, pass } from '../check.ts'
import { isPinned, parseImage } from '../image-name.ts'

/** Is the image a placeholder, for which Istio's webhook puts in that of its own version? */
function isPutIn({ name, image }: V1Container): boolean {
  return name.startsWith('istio-') && image === 'auto'
}

/** Every container's image stands for one image, sidecars and init containers included. */
export const imagesPinned = defineCheck({
  category: 'security',
  name: 'images-pinned',
  title: 'Every image is pinned',
  severity: 'warn',
  settings: {},
  looksAt: ({ image }) => `${image}, and the images of both pod templates`,
  expects: () => 'a digest, or a tag that is not moved from image to image',
  async run({ cluster, image }) {
    const templates = await Promise.all([cluster.deployment('blue'), cluster.deployment('green')])
    const images = templates.flatMap(({ spec }) => {
      const { containers = [], initContainers = [] } = spec?.template.spec ?? {}
      const all = [...containers, ...initContainers].filter((container) => !isPutIn(container))
      return all.map((container) => container.image ?? '')
    })
    const loose = [...new Set([image, ...images])].filter((one) => {
      const name = parseImage(one)
      return name === null || !isPinned(name)
    })
    if (loose.length === 0) return pass(`all ${new Set([image, ...images]).size}`)
    return block(few(loose, 3), 'Name a version or a digest: what starts next may be another image.', loose)
  },
})
