/**
 * UUIDs from given time and given bytes, so that whoever decides stays pure. RFC 9562.
 */
import { v7, validate } from 'uuid'
import { assert } from './assert.ts'

/** A version 7 UUID of this instant (Unix ms); `random` must be 16 bytes. Its text sorts by time. */
export function uuidV7(unixMs: number, random: Uint8Array): string {
  assert(random.length === 16, 'a UUID takes 16 random bytes')
  // The library's sequence counter would be state of its own: it is given from the bytes.
  const seq = new DataView(random.buffer, random.byteOffset, 16).getUint32(0)
  return v7({ msecs: Math.trunc(unixMs), random, seq: seq & 0x7fff_ffff })
}

/** True for a UUID in canonical lower-case form, any version. */
export function isUuid(text: string): boolean {
  return validate(text) && text === text.toLowerCase()
}
