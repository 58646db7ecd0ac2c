/**
 * Draws pictures in a thread of their own: encoding one takes longer than a heartbeat may wait behind it.
 *
 * The thread starts with the first picture and lives on; one that dies fails what it was drawing and is started anew by the
 * next. At the bound of waiting pictures the answer is `busy`, and the reply goes out without one.
 */
import type { Worker } from 'node:worker_threads'
import { coerceError } from '../../kernel/errors.ts'
import { startThread } from '../../kernel/thread.ts'
import type { Picture } from './picture.ts'

/** At 20 ms each, half a second: who asks then is answered sooner without a picture. */
const waitingMax = 24

export type Drawn =
  | { readonly kind: 'png'; readonly bytes: Uint8Array }
  | { readonly kind: 'busy' }
  | { readonly kind: 'no-fonts' }
  | { readonly kind: 'failed'; readonly reason: string }

export interface DrawRequest {
  readonly id: number
  readonly picture: Picture
}

export interface DrawAnswer {
  readonly id: number
  readonly drawn: Drawn
}

export interface PicturePool {
  /** Never rejects. */
  draw(picture: Picture): Promise<Drawn>
  /** Pictures that somebody waits for. */
  readonly waiting: number
  stop(): Promise<void>
}

export function createPicturePool(options: { readonly waitingMax: number } = { waitingMax }): PicturePool {
  const waiting = new Map<number, (drawn: Drawn) => void>()
  let thread: Worker | null = null
  let lastId = 0
  let isStopped = false

  function settle(id: number, drawn: Drawn): void {
    waiting.get(id)?.(drawn)
    waiting.delete(id)
    // A thread that nobody waits for keeps no process alive.
    if (waiting.size === 0) thread?.unref()
  }

  function onEnd(ended: Worker, reason: string): void {
    if (thread !== ended) return
    thread = null
    for (const id of waiting.keys()) settle(id, { kind: 'failed', reason })
  }

  function start(): Worker {
    const started = startThread(new URL('./draw-thread', import.meta.url), import.meta.url, null)
    started.on('message', ({ id, drawn }: DrawAnswer) => settle(id, drawn))
    started.once('error', (thrown) => onEnd(started, coerceError(thrown).message))
    started.once('exit', (code) => onEnd(started, `the drawing thread ended with ${code}`))
    return started
  }

  return {
    draw(picture) {
      if (isStopped || waiting.size >= options.waitingMax) return Promise.resolve({ kind: 'busy' })
      lastId += 1
      const request: DrawRequest = { id: lastId, picture }
      thread ??= start()
      thread.ref()
      thread.postMessage(request)
      return new Promise((resolve) => waiting.set(request.id, resolve))
    },

    get waiting() {
      return waiting.size
    },

    async stop() {
      isStopped = true
      await thread?.terminate()
    },
  }
}
