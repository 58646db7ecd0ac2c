/**
 * A process that owns guilds and keeps their signing unlocked, over in-memory Postgres and Redis that outlive it: the parts
 * of ActorRuntime that signing needs, wired as there.
 */
import type { Outcome } from '../../actors/protocol/command.ts'
import type { SigningCommand, SigningReply } from '../../actors/protocol/signing.ts'
import { encodeBase64 } from '../../actors/records/base64.ts'
import { createDerivation, makePassphraseKey, tryUnlockByPassphrase } from '../../actors/records/passphrase-key.ts'
import { KeyKeeper } from '../../actors/runtime/key-keeper.ts'
import { WaitingSealer } from '../../actors/runtime/waiting-sealer.ts'
import { parseJournalText } from '../../actors/runtime/journal-entry.ts'
import { slotOf } from '../../actors/ownership/slots.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { userId } from '../../kernel/ids.ts'
import type { ManualClock } from './manual-clock.ts'
import type { MemoryDatabase } from './memory/memory-database.ts'
import type { MemoryRedis } from './memory/memory-redis.ts'
import { createMemoryGuildStore } from './memory/memory-stores.ts'
import { createMemoryUnlockedKeys } from './memory/memory-unlocked-keys.ts'
import { createTestCluster, seededRandom, sessionDraft, testGuild, testUuid } from './records.ts'
import type { TestRuntime } from './runtime.ts'
import { createTestRuntime, StepControl } from './runtime.ts'
import { settle } from './settle.ts'
import { add } from './tally.ts'

const { keks, sealer } = createTestCluster()
const random = seededRandom('signing runtime')
const derivation = createDerivation(random)
/** What Argon2id would have made of the right words. */
const derived = random(32)
const making = { keks, random }
export const admin = userId('77')

export interface SigningRuntime {
  readonly runtime: TestRuntime
  /** Steps of Redis and of the reads of waiting rows. */
  readonly steps: StepControl
  ask(command: SigningCommand): Promise<SigningReply | undefined>
  /** So many records are finished, each in a turn of its own; answers their ids. */
  finish(count: number): Promise<string[]>
  /** A first key, or the next, under a passphrase. */
  makePassphraseKey(replaces?: string | null): Promise<SigningReply | undefined>
  /** As the process that was given the passphrase asks it. */
  unlock(): Promise<SigningReply | undefined>
  /** The process is gone: nothing of it runs any more. */
  end(): Promise<void>
  events(kind: string): readonly Record<string, unknown>[]
}

export function createSigningRuntime(world: { clock: ManualClock; database: MemoryDatabase; redis: MemoryRedis }): SigningRuntime {
  const steps = new StepControl()
  const { clock, database, redis } = world
  const runtime = createTestRuntime({
    clock,
    database,
    hooks: {
      onLoaded: (activation) => {
        keeper.onLoaded(activation)
        waiting.onLoaded(activation)
      },
      onDurable: (turns) => {
        for (const { activation, epoch } of turns) {
          if (epoch !== activation.epoch) continue
          keeper.onDurable(activation)
          waiting.look(activation)
        }
      },
    },
  })
  const outcomeOf = (guildId: GuildId, command: SigningCommand): Promise<Outcome> =>
    new Promise((resolve) => {
      if (runtime.slots.at(slotOf(guildId)).isOurs) runtime.ask(guildId, command, { onSettled: resolve })
      else resolve({ status: 'refused', reason: 'no-owner' })
    })
  const { log } = runtime
  const waiting = new WaitingSealer({ store: createMemoryGuildStore(database, steps.step), clock, log, ask: outcomeOf })
  const keeper = new KeyKeeper({
    store: createMemoryUnlockedKeys(redis, steps.step),
    sealer,
    clock,
    log,
    forget: async (guildId, unlockId) => (await outcomeOf(guildId, { feature: 'signing', kind: 'forget-unlocking', unlockId })).status === 'answered',
    onKey: (activation) => waiting.look(activation),
  })
  keeper.start()
  runtime.own(testGuild)

  const ask = async (command: SigningCommand): Promise<SigningReply | undefined> => {
    const outcome = await runtime.answer(testGuild, command)
    await settle()
    return outcome?.status === 'answered' ? (outcome.reply as SigningReply) : undefined
  }
  return {
    runtime,
    steps,
    ask,
    async finish(count) {
      const ids = Array.from({ length: count }, () => testUuid(random))
      for (const id of ids) runtime.ask(testGuild, add(1, { records: [sessionDraft(id)] }))
      await settle(12)
      return ids
    },
    async makePassphraseKey(replaces = null) {
      const { keyId, publicKey, sealed, unlocked } = makePassphraseKey(making, { guildId: testGuild, derivation, derived })
      const offered = {
        keyId,
        publicKey: encodeBase64(publicKey),
        sealedPrivateKey: encodeBase64(sealed.sealedPrivateKey),
        keyWrap: sealed.keyWrap,
        unlockId: unlocked.unlockId,
        copy: encodeBase64(unlocked.copy),
      }
      return await ask({ feature: 'signing', kind: 'make-key', offered, replaces, byUserId: admin })
    },
    async unlock() {
      const row = [...database.guildKeys.values()].filter(({ guildId }) => guildId === testGuild).at(-1)
      const unlocked = row === undefined ? null : tryUnlockByPassphrase(making, row, derived)
      if (row === undefined || unlocked === null) throw new Error('there is no key to unlock')
      const { keyId } = row
      return await ask({ feature: 'signing', kind: 'unlock-signing', keyId, unlockId: unlocked.unlockId, copy: encodeBase64(unlocked.copy), byUserId: admin })
    },
    async end() {
      runtime.catalog.loseSlot(slotOf(testGuild))
      keeper.dropSlot(slotOf(testGuild))
      await keeper.stop()
      runtime.catalog.stop()
    },
    events: (kind) =>
      [...(database.journal.get(testGuild)?.values() ?? [])]
        .map(({ payload }) => parseJournalText(payload).event as unknown as Record<string, unknown>)
        .filter((event) => event['kind'] === kind),
  }
}
