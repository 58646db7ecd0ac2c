/**
 * The thread of snapshot-threads.ts: takes snapshots, answers verdicts, one message each.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../../kernel/assert.ts'
import type { TrustedClusterKeys } from '../records/cluster-key.ts'
import { createSnapshotCheck } from './snapshot-check.ts'
import type { SnapshotAnswer, SnapshotQuestion } from './snapshot-threads.ts'

assert(parentPort !== null, 'this file runs as a thread')
const port = parentPort
const check = createSnapshotCheck(workerData as TrustedClusterKeys)
port.on('message', (question: SnapshotQuestion) => {
  const answer: SnapshotAnswer = question.map((snapshot) => check(snapshot))
  port.postMessage(answer)
})
