/**
 * A PNG of one color: the smallest picture that every program can read.
 *
 * https://www.w3.org/TR/png/ : signature, header, one deflated block of rows (each begins with filter 0), end.
 */
import { crc32, deflateSync } from 'node:zlib'

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

export function paintPng(color: readonly [number, number, number], side: number): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header.set([8, 2, 0, 0, 0], 8) // 8 bits a channel, red green blue, no interlacing
  const row = Buffer.from([0, ...Array.from({ length: side }, () => color).flat()])
  const rows = Buffer.concat(Array.from({ length: side }, () => row))
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}

/** Width and height of a PNG, undefined when the bytes are not one. */
export function measurePng(bytes: Uint8Array): { width: number; height: number } | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.length < 24 || !view.subarray(0, 8).equals(signature)) return undefined
  return { width: view.readUInt32BE(16), height: view.readUInt32BE(20) }
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(typed))
  return Buffer.concat([length, typed, check])
}
