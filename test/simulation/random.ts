/**
 * All chance of a simulation, from one seed. Each purpose draws from a stream of its own, so that taking a fault out of
 * a schedule (shrink.ts) leaves the latencies and the load as they were.
 *
 * sfc32 by Chris Doty-Humphrey: small, fast, and good enough for schedules; nothing here is a secret.
 */
import { assert } from '../../kernel/assert.ts'

export interface Random {
  /** 0 ≤ value < 1. */
  next(): number
  /** Whole, both ends included. */
  integer(min: number, max: number): number
  between(min: number, max: number): number
  chance(probability: number): boolean
  pick<Item>(items: readonly Item[]): Item
  bytes(length: number): Uint8Array
}

/** FNV-1a over the purpose, so that two streams of one seed share nothing. */
function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}

export function createRandom(seed: number, purpose: string): Random {
  let a = seed | 0
  let b = Math.floor(seed / 2 ** 32) | 0
  let c = hashText(purpose) | 0
  let counter = 1
  const word = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return sum >>> 0
  }
  for (let warmUp = 0; warmUp < 12; warmUp += 1) word()

  const next = (): number => word() / 2 ** 32
  const integer = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1))
  return {
    next,
    integer,
    between: (min, max) => min + next() * (max - min),
    chance: (probability) => next() < probability,
    pick(items) {
      assert(items.length > 0, 'random: nothing to pick from')
      return items[integer(0, items.length - 1)] as (typeof items)[number]
    },
    bytes: (length) => Uint8Array.from({ length }, () => word() & 0xff),
  }
}
