/**
 * Bytes: attachments that were uploaded, avatars and icons.
 *
 * Nobody uploads avatars in the sandbox, so one that was not stored is drawn: a plain picture, different for each id,
 * so that an image in a page or a test is never broken. Answers true when the address was one of these.
 */
import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { World } from '../world/world.ts'
import { paintPng } from './plain-png.ts'

const drawnPath = /^\/cdn\/(avatars|icons|banners|guilds|emojis|embed\/avatars|role-icons|app-icons)\/.+\.(png|webp|jpe?g|gif)$/

export function serveFile(world: World, path: string, response: ServerResponse): boolean {
  if (!path.startsWith('/cdn/') && !path.startsWith('/attachments/')) return false
  const key = decodePath(path.slice(1))
  const stored = world.files.get(key)
  if (stored !== undefined) {
    send(response, stored.contentType, stored.bytes)
  } else if (drawnPath.test(path)) {
    // Always a PNG whatever the extension says: browsers and canvas look at the bytes.
    send(response, 'image/png', paintPng(colorOf(key), 64))
  } else {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('')
  }
  return true
}

function send(response: ServerResponse, contentType: string, bytes: Uint8Array): void {
  response.writeHead(200, { 'content-type': contentType, 'content-length': bytes.byteLength }).end(bytes)
}

function colorOf(key: string): readonly [number, number, number] {
  const [red = 0, green = 0, blue = 0] = createHash('sha256').update(key.replace(/\.\w+$/, '')).digest()
  return [red, green, blue]
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch (thrown) {
    if (thrown instanceof URIError) return path
    throw thrown
  }
}
