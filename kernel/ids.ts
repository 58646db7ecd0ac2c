/**
 * Branded identities: the compiler keeps a guild from being taken for a user.
 *
 * Discord's ids (snowflakes) stay decimal strings everywhere; BigInt appears only where shard arithmetic or the
 * time inside a snowflake needs it. https://docs.discord.com/developers/reference#snowflakes
 */
import { assert } from './assert.ts'

declare const brand: unique symbol
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name }

export type GuildId = Branded<string, 'GuildId'>
export type UserId = Branded<string, 'UserId'>
export type ChannelId = Branded<string, 'ChannelId'>
export type RoleId = Branded<string, 'RoleId'>
/** 0 … 383, the unit of ownership: see actors/ownership/slots.ts. */
export type Slot = Branded<number, 'Slot'>
/** Per slot, grows by one at every change of owner. */
export type Fence = Branded<number, 'Fence'>
/** Position of an event in its guild's journal, from 1 without holes (I2). 0 is "before the first". */
export type Sequence = Branded<number, 'Sequence'>
/** A topology; grows by one with each rescale. */
export type Generation = Branded<number, 'Generation'>
/** One life of one process, `host:pid:nonce`; never reused. */
export type Incarnation = Branded<string, 'Incarnation'>
/** Names one request so that it takes effect once (I4), however often it arrives. */
export type OpId = Branded<string, 'OpId'>

const snowflakePattern = /^(0|[1-9]\d{0,18})$/
/** 2015-01-01T00:00:00Z, the epoch of Discord's snowflakes, in Unix milliseconds. */
const discordEpochMs = 1_420_070_400_000n

/** True when the text is a snowflake in canonical decimal form and fits Postgres' bigint. */
export function isSnowflake(text: string): boolean {
  return snowflakePattern.test(text) && BigInt(text) < 1n << 63n
}

function snowflake<Id>(text: string, what: string): Id {
  assert(isSnowflake(text), `${what} is not a snowflake: ${text.slice(0, 32)}`)
  return text as Id
}

export const guildId = (text: string): GuildId => snowflake(text, 'guild id')
export const userId = (text: string): UserId => snowflake(text, 'user id')
export const channelId = (text: string): ChannelId => snowflake(text, 'channel id')
export const roleId = (text: string): RoleId => snowflake(text, 'role id')

/** The instant inside a snowflake, Unix milliseconds by Discord's clock. */
export function snowflakeTimeMs(id: string): number {
  return Number((BigInt(id) >> 22n) + discordEpochMs)
}

/** The smallest snowflake of an instant; the sandbox and tests add a counter to the low 22 bits. */
export function snowflakeAt(unixMs: number, low22 = 0): string {
  return (((BigInt(Math.trunc(unixMs)) - discordEpochMs) << 22n) | BigInt(low22)).toString()
}

function natural<Id>(value: number, what: string): Id {
  assert(Number.isSafeInteger(value) && value >= 0, `${what} is not a natural number: ${value}`)
  return value as Id
}

export const fence = (value: number): Fence => natural(value, 'fence')
export const sequence = (value: number): Sequence => natural(value, 'sequence')
export const generation = (value: number): Generation => natural(value, 'generation')

/** Longest op id that is accepted; `alarm:{guild}:{purpose}:{seq}` with a 64-character purpose fits. */
const opIdLengthMax = 128

export function opId(text: string): OpId {
  assert(text.length > 0 && text.length <= opIdLengthMax, `op id has ${text.length} characters`)
  return text as OpId
}

export function incarnation(text: string): Incarnation {
  assert(/^[^\s]{1,200}$/.test(text), 'incarnation is empty, too long or has white space')
  return text as Incarnation
}
