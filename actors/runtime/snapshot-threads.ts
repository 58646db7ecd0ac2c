/**
 * Verifies many snapshots in worker threads, so that a takeover's signatures do not stand between an owner and its loop.
 *
 * A verification costs some 65 µs and nothing else can be done about it; while threads do them, the loop reads the next
 * guilds and replays the ones before. A guild is still handed over only with its verdict: what it decides may be signed
 * and published, so nothing is decided on a state that is not yet believed (I11). A few snapshots are checked on the
 * spot: the way to a thread and back would take longer. Threads stand ready from the start,
 * because a takeover does not wait for them to be made; they do not keep the process.
 */
import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { assert } from '../../kernel/assert.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { startThread } from '../../kernel/thread.ts'
import type { TrustedClusterKeys } from '../records/cluster-key.ts'
import type { StoredSnapshot } from './ports.ts'
import type { BulkSnapshotCheck, SnapshotVerdict } from './loader.ts'
import { createSnapshotCheck } from './snapshot-check.ts'

/** Fewer are checked on the loop: about a millisecond of it. */
const threadedFromCount = 16
/** More threads than this are never waited for: Postgres does not tell snapshots faster. */
const threadsMax = 4

/** What a thread is asked. Answers come in the order of the questions. */
export type SnapshotQuestion = readonly StoredSnapshot[]
export type SnapshotAnswer = readonly SnapshotVerdict[]

interface Thread {
  readonly worker: Worker
  readonly open: { readonly resolve: (answer: SnapshotAnswer) => void; readonly reject: (error: Error) => void }[]
}

export function createBulkSnapshotCheck(deps: { readonly log: Log }, trusted: TrustedClusterKeys): BulkSnapshotCheck {
  const checkOne = createSnapshotCheck(trusted)
  const checkHere = (snapshots: readonly StoredSnapshot[]): SnapshotAnswer => snapshots.map((snapshot) => checkOne(snapshot))
  let threads = startThreads(trusted)
  return async (snapshots) => {
    if (snapshots.length < threadedFromCount) return checkHere(snapshots)
    try {
      return await askThreads(threads, snapshots)
    } catch (thrown) {
      // A thread that fell over takes no guild with it: here it only takes longer.
      deps.log.error('snapshot thread failed', { error: coerceError(thrown) })
      for (const { worker } of threads) void worker.terminate()
      threads = startThreads(trusted)
      return checkHere(snapshots)
    }
  }
}

function startThreads(trusted: TrustedClusterKeys): Thread[] {
  const count = Math.max(1, Math.min(threadsMax, availableParallelism() - 1))
  return Array.from({ length: count }, () => {
    const worker = startThread(new URL('./snapshot-thread', import.meta.url), import.meta.url, trusted)
    const thread: Thread = { worker, open: [] }
    worker.on('message', (answer: SnapshotAnswer) => thread.open.shift()?.resolve(answer))
    const fail = (error: Error): void => {
      for (const { reject } of thread.open.splice(0)) reject(error)
    }
    worker.on('error', (thrown: unknown) => fail(coerceError(thrown)))
    worker.on('exit', () => fail(new Error('the thread ended')))
    worker.unref()
    return thread
  })
}

/** Even shares, answered in the order of the question. */
async function askThreads(threads: readonly Thread[], snapshots: readonly StoredSnapshot[]): Promise<SnapshotAnswer> {
  const share = Math.ceil(snapshots.length / threads.length)
  const answers = await Promise.all(threads.map((thread, index) => askThread(thread, snapshots.slice(index * share, (index + 1) * share))))
  const verdicts = answers.flat()
  assert(verdicts.length === snapshots.length, 'every snapshot has its verdict')
  return verdicts
}

async function askThread(thread: Thread, snapshots: readonly StoredSnapshot[]): Promise<SnapshotAnswer> {
  if (snapshots.length === 0) return []
  return await new Promise((resolve, reject) => {
    thread.open.push({ resolve, reject })
    // While an answer is awaited the process stays.
    thread.worker.ref()
    thread.worker.postMessage(snapshots.map(withOwnBytes))
  }).finally(() => {
    if (thread.open.length === 0) thread.worker.unref()
  }) as SnapshotAnswer
}

/** A driver's buffers are views of whole reads, and a message would copy all of what they view. */
const withOwnBytes = (snapshot: StoredSnapshot): StoredSnapshot => ({
  ...snapshot,
  signed: new Uint8Array(snapshot.signed),
  signature: new Uint8Array(snapshot.signature),
})
