/**
 * Argon2id in a thread of its own: a third of a second of work and 64 MiB that no event loop and no heap should hold.
 *
 * One thread a derivation, at most two at a time, a few waiting: past that the answer is `busy`. The thread ends with its
 * derivation and its memory goes with it. The passphrase crosses as bytes that are wiped on both sides; it is in no
 * message, error or log.
 */
import { coerceError } from '../../kernel/errors.ts'
import { startThread } from '../../kernel/thread.ts'
import type { PassphraseDerivation } from '../../actors/records/key-wrap.ts'

/** 64 MiB each. */
const derivationsAtOnceMax = 2
/** A person waits for each of these: at a third of a second, three seconds. */
const waitingMax = 16

/** 32 bytes, or `busy`. */
export type DerivePassphrase = (passphrase: string, derivation: PassphraseDerivation) => Promise<Uint8Array | 'busy'>

/** What the thread is given. */
export interface DerivationTask extends PassphraseDerivation {
  readonly passphrase: Uint8Array
}

export function createPassphraseDeriver(): DerivePassphrase {
  let running = 0
  const waiting: (() => void)[] = []

  async function takeTurn(): Promise<boolean> {
    if (running < derivationsAtOnceMax) {
      running += 1
      return true
    }
    if (waiting.length >= waitingMax) return false
    // Whoever ends hands its place over.
    await new Promise<void>((resolve) => waiting.push(resolve))
    return true
  }

  return async (passphrase, derivation) => {
    if (!(await takeTurn())) return 'busy'
    try {
      return await deriveInThread({ ...derivation, passphrase: passphraseBytes(passphrase) })
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}

/** NFKC: the same words from another keyboard are the same passphrase. */
function passphraseBytes(passphrase: string): Uint8Array {
  return new TextEncoder().encode(passphrase.normalize('NFKC'))
}

function deriveInThread(task: DerivationTask): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const worker = startThread(new URL('./derive-thread', import.meta.url), import.meta.url, task)
    task.passphrase.fill(0)
    worker.once('message', (derived: Uint8Array) => {
      resolve(derived)
      void worker.terminate()
    })
    // What a library says of its input is not passed on.
    worker.once('error', (thrown: unknown) => reject(new Error(`a passphrase could not be derived (${coerceError(thrown).name})`)))
    worker.once('exit', (code) => reject(new Error(`a passphrase could not be derived (thread ended with ${code})`)))
  })
}
