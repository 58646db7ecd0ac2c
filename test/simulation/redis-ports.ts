/**
 * The Redis ports of one process: the in-memory Redis of test/support at the far end of connections that fail.
 *
 * Four connections, as in production: leases, commands, a reader that blocks, and a subscriber. A message to a
 * subscriber whose connection is away is gone; a blocking read ends with its connection.
 */
import { AppError } from '../../kernel/errors.ts'
import type { Slot } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { AdvisoryLock, Inbox, InboxEntry, LeaseStore, MessageBus, UnlockedKeyStore } from '../../actors/runtime/ports.ts'
import { createMemoryAdvisoryLock, createMemoryLeaseStore } from '../support/memory/memory-lease-store.ts'
import type { MemoryRedis } from '../support/memory/memory-redis.ts'
import { createMemoryInbox, createMemoryMessageBus } from '../support/memory/memory-transport.ts'
import { createMemoryUnlockedKeys } from '../support/memory/memory-unlocked-keys.ts'
import type { Connection } from './connection.ts'

/** Sees what is sent, at the instant it leaves the process, and what arrives. */
export interface TransportWatcher {
  onPublish(channel: string, message: string): void
  /** An entry stands in a stream. */
  onAppended(slot: Slot, entry: InboxEntry): void
  onLiveness(rememberedForMs: number): void
}

export interface RedisPorts {
  readonly leases: LeaseStore
  readonly lock: AdvisoryLock
  readonly inbox: Inbox
  readonly bus: MessageBus
  readonly unlockedKeys: UnlockedKeyStore
}

export interface RedisPortsDeps {
  readonly redis: MemoryRedis
  readonly watcher: TransportWatcher
  connect(options: { readonly name: string; readonly isOrdered: boolean }): Connection
  /** A message is on its way to this process: runs `tell` in it, or loses the message. */
  deliver(tell: () => void): void
  /** Runs code of this process as soon as it runs, and never when it died. */
  enter(run: () => void): void
}

export function createRedisPorts(deps: RedisPortsDeps): RedisPorts {
  const { redis, connect } = deps
  const leases = connect({ name: 'redis-leases', isOrdered: true })
  const commands = connect({ name: 'redis-commands', isOrdered: true })
  const store = createMemoryLeaseStore(redis)
  return {
    leases: {
      renewLease: (options) => ask(leases, 'renewLease', () => store.renewLease(options)),
      releaseLease: (incarnation) => ask(leases, 'releaseLease', () => store.releaseLease(incarnation)),
      liveness: () =>
        ask(leases, 'liveness', async () => {
          const answer = await store.liveness()
          deps.watcher.onLiveness(answer.rememberedForMs)
          return answer
        }),
      writeDirectory: (entries) => ask(leases, 'writeDirectory', () => store.writeDirectory(entries)),
      readDirectory: () => ask(leases, 'readDirectory', () => store.readDirectory()),
    },
    lock: createMemoryAdvisoryLock(redis, () => enterThenAsk(deps, commands)),
    inbox: createInbox(deps, commands),
    bus: createBus(deps, commands),
    unlockedKeys: createUnlockedKeys(redis, commands),
  }
}

function createInbox(deps: RedisPortsDeps, commands: Connection): Inbox {
  const blocking = deps.connect({ name: 'redis-reader', isOrdered: true })
  const open = (): Inbox => createMemoryInbox(deps.redis, { depthMax: limits.inboxDepthMax })
  let reader = open()
  // The read that blocked on the lost connection holds the old one; nobody asks that one again.
  blocking.onBreak(() => {
    reader = open()
  })
  const writer = open()
  return {
    add: (slot, entry) =>
      ask(commands, 'add', async () => {
        const added = await writer.add(slot, entry)
        if (added === 'added') deps.watcher.onAppended(slot, entry)
        return added
      }),
    read: (options) => ask(blocking, 'read', () => reader.read(options)),
    lastPositions: (slots) => ask(commands, 'lastPositions', () => writer.lastPositions(slots)),
    trim: (positions) => ask(commands, 'trim', () => writer.trim(positions)),
  }
}

function createBus(deps: RedisPortsDeps, commands: Connection): MessageBus {
  const bus = createMemoryMessageBus(deps.redis)
  return {
    publish(channel, message) {
      deps.watcher.onPublish(channel, message)
      return ask(commands, 'publish', () => bus.publish(channel, message))
    },
    subscribe: (channel, onMessage) =>
      ask(commands, 'subscribe', () =>
        bus.subscribe(channel, (message) => deps.deliver(() => onMessage(message))),
      ),
  }
}

function createUnlockedKeys(redis: MemoryRedis, commands: Connection): UnlockedKeyStore {
  const store = createMemoryUnlockedKeys(redis)
  return {
    put: (options) => ask(commands, 'putUnlockedKey', () => store.put(options)),
    find: (guildId) => ask(commands, 'findUnlockedKey', () => store.find(guildId)),
    prolong: (options) => ask(commands, 'prolongUnlockedKeys', () => store.prolong(options)),
    remove: (guildId) => ask(commands, 'removeUnlockedKey', () => store.remove(guildId)),
  }
}

/** The lock waits by Redis' clock; what it does after the wait is this process' code again. */
function enterThenAsk(deps: RedisPortsDeps, commands: Connection): Promise<void> {
  return new Promise((resolve) => {
    deps.enter(() => resolve(ask(commands, 'withLock', () => Promise.resolve())))
  })
}

function ask<Answer>(connection: Connection, operation: string, effect: () => Promise<Answer>): Promise<Answer> {
  return connection.call(operation, effect, unavailable)
}

const unavailable = (error: Error): Error => new AppError('redis-unavailable', error.message, { cause: error })
