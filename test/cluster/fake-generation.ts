/**
 * Processes of a topology that exist only as facts: a test says what becomes of each.
 *
 * By itself a process does what it is told at once: started it is heard (or serves), serving it serves, retiring and
 * returning it leaves when it is stopped or, retiring, by itself. `hold` keeps a step from happening.
 */
import { Bell } from '../../cluster/bell.ts'
import type { RunningGeneration } from '../../cluster/generation.ts'
import { planShards } from '../../cluster/plan.ts'
import type { ManagerMessage } from '../../cluster/protocol.ts'
import type { ChildFacts, ChildRole, ChildState } from '../../cluster/shard-child.ts'
import type { Generation } from '../../kernel/ids.ts'

type Facts = { -readonly [Name in keyof ChildFacts]: ChildFacts[Name] }

export class FakeGeneration implements RunningGeneration {
  readonly generation: Generation
  readonly shardCount: number
  readonly plan: readonly (readonly number[])[]
  readonly told: ManagerMessage[] = []
  /** What was asked of it, in order. */
  readonly log: string[] = []
  /** States that no process reaches until they are let. */
  readonly held = new Set<ChildState>()
  /** Processes of which nothing becomes anything, by cluster id. */
  readonly stuck = new Set<number>()
  /** Slots that went elsewhere the next time that a process serves, by cluster id. */
  readonly missing = new Map<number, number>()
  readonly #facts = new Map<number, Facts>()
  readonly #bell = new Bell()
  readonly #toldToServe = new Set<number>()

  constructor(options: { readonly generation: number; readonly shardCount: number; readonly processCount: number }) {
    this.generation = options.generation as Generation
    this.shardCount = options.shardCount
    this.plan = planShards(options)
  }

  async start(role: ChildRole, { clusterIds = this.plan.map((_, id) => id) }: { clusterIds?: readonly number[] } = {}): Promise<void> {
    this.log.push(`start ${role} ${clusterIds.join(',')}`)
    for (const clusterId of clusterIds) {
      const pid = Number(this.generation) * 100 + clusterId
      const facts = { clusterId, generation: this.generation, shards: this.plan[clusterId] ?? [], role, pid, incarnation: `host:${pid}:x` }
      this.#facts.set(clusterId, { ...facts, state: 'started', guilds: 1, owned: 0, lives: 1, waitsFor: null })
      this.become(clusterId, role === 'holding' ? 'heard' : 'serving')
    }
  }

  setRole(role: ChildRole, clusterIds?: readonly number[]): void {
    const some = this.facts().filter(({ clusterId }) => clusterIds?.includes(clusterId) ?? true)
    this.log.push(`role ${role} ${some.map(({ clusterId }) => clusterId).join(',')}`)
    for (const { clusterId } of some) {
      const facts = this.#of(clusterId)
      facts.role = role
      if (role === 'serving') {
        if (this.#toldToServe.has(clusterId)) this.missing.delete(clusterId)
        this.#toldToServe.add(clusterId)
        facts.state = 'heard'
        this.become(clusterId, 'serving')
      }
      if (role === 'retiring') this.become(clusterId, 'ended')
    }
  }

  facts(): readonly ChildFacts[] {
    return [...this.#facts.values()].map((facts) => ({ ...facts }))
  }

  until(check: (facts: readonly ChildFacts[]) => boolean, signal?: AbortSignal): Promise<void> {
    return this.#bell.until(() => check(this.facts()), signal)
  }

  tellAll(message: ManagerMessage): void {
    this.told.push(message)
  }

  async stop(clusterIds?: readonly number[]): Promise<void> {
    const some = this.facts().filter(({ clusterId, state }) => state !== 'ended' && (clusterIds?.includes(clusterId) ?? true))
    this.log.push(`stop ${some.map(({ clusterId }) => clusterId).join(',')}`)
    for (const { clusterId } of some) this.#of(clusterId).state = 'ended'
    this.#bell.ring()
  }

  /** A step happens, unless it is held. */
  become(clusterId: number, state: ChildState): void {
    if (this.held.has(state) || this.stuck.has(clusterId)) return
    const facts = this.#of(clusterId)
    facts.state = state
    if (state === 'serving') facts.owned = (384 * facts.shards.length) / this.shardCount - (this.missing.get(clusterId) ?? 0)
    this.#bell.ring()
  }

  /** What was held happens to all that it concerns. */
  let(state: ChildState): void {
    this.held.delete(state)
    for (const { clusterId } of this.facts()) this.become(clusterId, state)
  }

  /** It has ended by itself, so many times by now, and waits to be spawned again. */
  die(clusterId: number, lives: number): void {
    Object.assign(this.#of(clusterId), { state: 'waiting', lives, pid: null })
    this.#bell.ring()
  }

  states(): string {
    return this.facts().map(({ state }) => state).join(' ')
  }

  #of(clusterId: number): Facts {
    const facts = this.#facts.get(clusterId)
    if (facts === undefined) throw new Error(`no process ${clusterId}`)
    return facts
  }
}
