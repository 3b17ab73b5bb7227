import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const days = 30
const day = 86_400_000

export interface Certificate {
  readonly key: Buffer
  readonly cert: Buffer
  /** The certificate as a file, for NODE_EXTRA_CA_CERTS. */
  readonly caFile: string
}

async function read(keyFile: string, caFile: string): Promise<Certificate | null> {
  const [key, cert] = await Promise.all([readFile(keyFile), readFile(caFile)]).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [null, null]
    throw error
  })
  return key === null || cert === null ? null : { key, cert, caFile }
}

/**
 * A self-signed certificate for localhost, kept in the directory so that processes which trust it outlive a restart;
 * made anew when it ends within a day.
 */
export async function certificate(dir: string): Promise<Certificate> {
  await mkdir(dir, { recursive: true })
  const [keyFile, caFile] = [join(dir, 'key.pem'), join(dir, 'certificate.pem')]
  const kept = await read(keyFile, caFile)
  if (kept !== null && Date.parse(new X509Certificate(kept.cert).validTo) > Date.now() + day) return kept

  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', String(days), '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ...['-keyout', keyFile, '-out', caFile],
  ])
  return { key: await readFile(keyFile), cert: await readFile(caFile), caFile }
}
