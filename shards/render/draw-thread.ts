/**
 * A thread that draws: one picture a message, in order, as PNG bytes.
 */
import { parentPort } from 'node:worker_threads'
import { GlobalFonts } from '@napi-rs/canvas'
import { coerceError } from '../../kernel/errors.ts'
import { drawPicture } from './draw-picture.ts'
import type { DrawAnswer, DrawRequest } from './picture-pool.ts'

async function answer({ id, picture }: DrawRequest): Promise<DrawAnswer> {
  // Without any font a canvas draws no letter and says nothing of it.
  if (GlobalFonts.families.length === 0) return { id, drawn: { kind: 'no-fonts' } }
  try {
    return { id, drawn: { kind: 'png', bytes: await drawPicture(picture).encode('png') } }
  } catch (thrown) {
    return { id, drawn: { kind: 'failed', reason: coerceError(thrown).message } }
  }
}

parentPort?.on('message', (request: DrawRequest) => void answer(request).then((told) => parentPort?.postMessage(told)))
