import type { Check } from './check.ts'
import { scopes } from './security/bot-scopes.ts'
import { certificates } from './security/certificates.ts'
import { imagesPinned } from './security/images-pinned.ts'
import { nonRoot } from './security/non-root.ts'
import { permissions } from './security/permissions.ts'
import { permissionsBeyond } from './security/permissions-beyond.ts'

/** What Slipway may do, and what the release brings with it. */
export const security: readonly Check[] = [permissions, permissionsBeyond, certificates, imagesPinned, nonRoot, scopes]
