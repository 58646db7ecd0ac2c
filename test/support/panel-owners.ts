/**
 * Owners of one guild with role panels, one after the other: catalog and outbox as in production over one in-memory database,
 * Discord and every death in the test's hands.
 *
 * `kill` is SIGKILL: what was not in the database is gone, each request on its way to Discord arrives or does not, and the
 * next owner takes the slot, loads, and runs what is left of the outbox.
 */
import { createRegistry, features } from '../../actors/behaviours/registry.ts'
import { slotOf } from '../../actors/ownership/slots.ts'
import type { Command, CommandEnvelope, Outcome } from '../../actors/protocol/command.ts'
import type { EffectResult } from '../../actors/protocol/effect.ts'
import type { ChangeAnswer, RolePanelsState } from '../../actors/protocol/role-panels.ts'
import type { EffectAttempt } from '../../actors/runtime/outbox.ts'
import { Outbox } from '../../actors/runtime/outbox.ts'
import type { GuildId, RoleId, UserId } from '../../kernel/ids.ts'
import { opId } from '../../kernel/ids.ts'
import { silentLog } from '../../kernel/log.ts'
import type { ManualClock } from './manual-clock.ts'
import { createManualClock } from './manual-clock.ts'
import { MemoryDatabase } from './memory/memory-database.ts'
import { createMemoryGuildStore } from './memory/memory-stores.ts'
import type { TestRuntime } from './runtime.ts'
import { createTestRuntime } from './runtime.ts'
import { settle } from './settle.ts'

export const done: EffectResult = { kind: 'done', answer: {} }

/** A request on its way: answer it, or let its answer be lost. */
export interface OnItsWay {
  readonly attempt: EffectAttempt
  readonly resolve: (result: EffectResult) => void
  readonly reject: (error: Error) => void
}

interface Owner {
  readonly runtime: TestRuntime
  readonly outbox: Outbox
  isDead: boolean
}

const steps = ['commit', 'loadGuilds', 'findOpResults', 'loadPendingOutbox'].flatMap((operation) => [`${operation} before`, `${operation} after`])
const registry = createRegistry(features)

export class PanelOwners {
  readonly guild: GuildId
  readonly clock: ManualClock = createManualClock()
  readonly database = new MemoryDatabase(this.clock)
  /** What members hold, as Discord has it. */
  readonly held = new Map<UserId, Set<RoleId>>()
  /** Every grant that took effect, `user role`. */
  readonly granted = new Set<string>()
  readonly told: ChangeAnswer[] = []
  readonly onTheirWay: OnItsWay[] = []
  /** Requests of owners before that are still on their way. */
  readonly late: EffectAttempt[] = []
  #owner: Owner
  #ops = 0

  constructor(guild: GuildId) {
    this.guild = guild
    this.#owner = this.#start()
  }

  get steps(): TestRuntime['steps'] {
    return this.#owner.runtime.steps
  }

  get outboxHeld(): number {
    return this.#owner.outbox.held
  }

  /** Nothing is decided that is not durable, and nobody waits. */
  get isQuiet(): boolean {
    return this.#owner.runtime.catalog.find(this.guild)?.isQuiet ?? true
  }

  get state(): RolePanelsState {
    return this.#owner.runtime.catalog.find(this.guild)?.state.features['role-panels']?.state as RolePanelsState
  }

  kinds(): readonly string[] {
    return this.#owner.runtime.journalOf(this.guild)
  }

  heldBy(user: UserId): Set<RoleId> {
    const roles = this.held.get(user) ?? new Set()
    this.held.set(user, roles)
    return roles
  }

  /** How many hold it at Discord. */
  holders(role: RoleId): number {
    return [...this.held.values()].filter((roles) => roles.has(role)).length
  }

  ask(command: Command): () => Outcome | undefined {
    return this.#owner.runtime.ask(this.guild, command, { op: `ask-${(this.#ops += 1)}` }).outcome
  }

  /** Takes effect at Discord. */
  apply({ kind, payload }: EffectAttempt): void {
    const { userId, roleId } = payload as { userId: UserId; roleId: RoleId }
    if (kind === 'add-role') {
      this.heldBy(userId).add(roleId)
      this.granted.add(`${userId} ${roleId}`)
    } else if (kind === 'remove-role') this.heldBy(userId).delete(roleId)
    else if (kind === 'confirm-role') this.#confirm(payload as { userId: UserId; roleId: RoleId; wanted: string })
    else if (kind === 'answer-interaction') this.told.push(payload as unknown as ChangeAnswer)
    else throw new Error(`nobody wished for ${kind}`)
  }

  /** As shards/effects/confirm-role.ts does: a look, and a change where it is not what was wanted. */
  #confirm({ userId, roleId, wanted }: { readonly userId: UserId; readonly roleId: RoleId; readonly wanted: string }): void {
    if (wanted === 'add') this.heldBy(userId).add(roleId)
    else this.heldBy(userId).delete(roleId)
  }

  /** A role that is as it was wanted is never called impossible: shards/effects/change-role.ts looks at the member. */
  mayBeImpossible({ kind, payload }: EffectAttempt): boolean {
    const { userId, roleId } = payload as { userId: UserId; roleId: RoleId }
    if (kind !== 'add-role' && kind !== 'remove-role') return false
    return this.heldBy(userId).has(roleId) !== (kind === 'add-role')
  }

  /** `arrives` says of each request on its way whether it takes effect all the same, at once or `late`, by `arriveLate`. */
  async kill(arrives: () => boolean | 'late'): Promise<void> {
    this.#owner.isDead = true
    for (const name of steps) this.#owner.runtime.steps.hold(name)
    for (const { attempt } of this.onTheirWay.splice(0)) {
      const how = arrives()
      if (how === 'late') this.late.push(attempt)
      else if (how) this.apply(attempt)
    }
    this.#owner = this.#start()
    await settle()
    // As shards/panels/role-confirmer.ts does for a slot that was won.
    this.ask({ feature: 'role-panels', kind: 'confirm-roles' })
  }

  /** A request of an owner before reaches Discord, after whatever was done since. */
  arriveLate(): void {
    const attempt = this.late.shift()
    if (attempt !== undefined) this.apply(attempt)
  }

  #start(): Owner {
    const { clock, database, guild } = this
    const slot = slotOf(guild)
    const runtime = createTestRuntime({
      clock,
      database,
      registry,
      hooks: {
        onDurable(turns) {
          for (const { rows } of turns) if (rows.outbox.length > 0) owner.outbox.add(rows.outbox)
        },
      },
    })
    const outbox = new Outbox({
      store: createMemoryGuildStore(database, runtime.steps.step),
      slots: runtime.slots,
      clock,
      log: silentLog,
      now: () => clock.wallMs(),
      leaseCovers: () => !owner.isDead,
      runner: { run: (attempt) => this.#send(owner, attempt) },
      settle: (envelope, { isNew }) => this.#settle(owner, envelope, isNew),
    })
    const owner: Owner = { runtime, outbox, isDead: false }
    outbox.expectLoad(slot)
    runtime.own(guild)
    void outbox.loadSlots([slot])
    return owner
  }

  #send({ isDead }: Owner, attempt: EffectAttempt): Promise<EffectResult> {
    return new Promise((resolve, reject) => {
      if (!isDead) this.onTheirWay.push({ attempt, resolve, reject })
    })
  }

  #settle({ runtime, isDead }: Owner, { command, opId: op }: CommandEnvelope, isNew: boolean): Promise<Outcome> {
    return new Promise((resolve) => {
      if (!isDead) runtime.ask(this.guild, command, { op: opId(op), isNew, onSettled: resolve })
    })
  }
}
