/**
 * The files that pages need, read once at start: a style and a script, each under a name that changes with its content, so
 * that a browser may keep them for ever.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { answerOf } from './answer.ts'
import type { Answer } from './answer.ts'
import type { PageAssets } from '../web/page/layout.ts'

export interface Assets {
  readonly page: PageAssets
  /** By address. */
  readonly files: ReadonlyMap<string, Answer>
}

const folder = new URL('../web/assets/', import.meta.url)
const forEver = { 'Cache-Control': 'public, max-age=31536000, immutable' }

export async function readAssets(): Promise<Assets> {
  const style = await readFile(new URL('page.css', folder), 'utf8')
  const script = await readFile(new URL('verify.js', folder), 'utf8')
  const styleUrl = addressOf('page', 'css', style)
  const scriptUrl = addressOf('verify', 'js', script)
  return {
    page: { styleUrl, scriptUrl, scriptIntegrity: `sha384-${createHash('sha384').update(script).digest('base64')}` },
    files: new Map([
      [styleUrl, answerOf(style, 'text/css; charset=utf-8', forEver)],
      [scriptUrl, answerOf(script, 'text/javascript; charset=utf-8', forEver)],
    ]),
  }
}

function addressOf(name: string, type: string, content: string): string {
  return `/assets/${name}-${createHash('sha256').update(content).digest('hex').slice(0, 16)}.${type}`
}
