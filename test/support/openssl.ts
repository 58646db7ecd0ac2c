/**
 * The `openssl` program as the verifier that is not ours: holds a receipt file against its own key.
 */
import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SignedFile {
  readonly signed: string
  readonly signature: string
  readonly public_key_pem: string
}

/** LibreSSL and OpenSSL 1 answer to the same name and cannot verify Ed25519 from a file. */
export function hasOpenssl(): boolean {
  const { error, stdout } = spawnSync('openssl', ['version'], { encoding: 'utf8' })
  return error === undefined && /^OpenSSL [3-9]/.test(stdout)
}

/** What openssl prints, and whether it accepted. */
export async function verifyWithOpenssl(file: SignedFile): Promise<{ readonly isAccepted: boolean; readonly output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-openssl-'))
  try {
    await writeFile(join(folder, 'm'), Buffer.from(file.signed, 'base64'))
    await writeFile(join(folder, 's'), Buffer.from(file.signature, 'base64'))
    await writeFile(join(folder, 'k'), file.public_key_pem)
    const args = 'pkeyutl -verify -pubin -inkey k -rawin -in m -sigfile s'.split(' ')
    return await new Promise((resolve) => {
      execFile('openssl', args, { cwd: folder }, (error, stdout, stderr) => {
        resolve({ isAccepted: error === null, output: stdout + stderr })
      })
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The file with one bit of its signed bytes changed. */
export function withOneBitChanged(file: SignedFile, at: number): SignedFile {
  const bytes = Buffer.from(file.signed, 'base64')
  bytes[at] = (bytes[at] ?? 0) ^ 1
  return { ...file, signed: bytes.toString('base64') }
}
