/**
 * The thread of one derivation: Argon2id (RFC 9106) of what it was given, told once.
 *
 * hash-wasm: the reference implementation as WebAssembly inside the package, so it works on every platform and offline.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { argon2id } from 'hash-wasm'
import type { DerivationTask } from './derive-passphrase.ts'

const derivedLength = 32

const { passphrase, salt, memoryKib, passes, lanes } = workerData as DerivationTask
const derived = await argon2id({
  password: passphrase,
  salt,
  memorySize: memoryKib,
  iterations: passes,
  parallelism: lanes,
  hashLength: derivedLength,
  outputType: 'binary',
})
passphrase.fill(0)
parentPort?.postMessage(derived)
