/**
 * The cluster under attack: servers, owners at home, a client outside. It does what the manager does: tells survivors of
 * an exit it saw, and starts the dead one anew.
 *
 * `heal` resolves when every owner lives and serves its home and every effect is settled, by the rows of Postgres and by
 * nobody's word.
 */
import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSigner } from '../../actors/records/ed25519.ts'
import type { Clock } from '../../kernel/clock.ts'
import { createSystemClock, waitFor } from '../../kernel/clock.ts'
import type { Incarnation } from '../../kernel/ids.ts'
import type { Child, ChildEnd } from './child.ts'
import { startChild } from './child.ts'
import type { FromClient, FromOwner, ToClient, ToOwner } from './messages.ts'
import type { NemesisOptions } from './options.ts'
import type { Servers } from './servers.ts'
import { openServers } from './servers.ts'

/** Everybody is home long before; past it something hangs, and that is a finding. */
const healPatienceMs = 90_000
const calmPatienceMs = 90_000
const lookAgainMs = 25
/** The manager's first pause; so often, because a server may be away for seconds. */
const restartDelayMs = 250
const startAttemptsMax = 20

type OwnerChild = Child<ToOwner, FromOwner>
type ClientChild = Child<ToClient, FromClient>

interface Owner {
  child: OwnerChild
  incarnation: Incarnation
  /** It is being ended by a fault or by us. */
  isDoomed: boolean
}

/** What owners told since the last time they were asked. */
export interface RarePaths {
  fencedRows: number
  slotsLostInDoubt: number
  unknownCommits: number
}

export class House {
  readonly servers: Servers
  readonly clock: Clock = createSystemClock()
  readonly ownerCount: number
  /** Rejects when a process ends that nobody meant to end. */
  readonly broken: Promise<never>
  #breakHouse: (error: Error) => void = () => undefined
  readonly #environment: Readonly<Record<string, string>>
  readonly #inFlight: number
  readonly #closing = new AbortController()
  readonly #signal: AbortSignal
  readonly #owners: Owner[] = []
  readonly #starting = new Set<OwnerChild>()
  #client: ClientChild | null = null
  /** What is being asked; null while the house is calm. */
  #series: number | null = null
  #calm: Promise<unknown> = Promise.resolve()
  #rare: RarePaths = noRarePaths()
  #isEnding = false

  constructor(servers: Servers, options: NemesisOptions, signal: AbortSignal) {
    this.#signal = AbortSignal.any([signal, this.#closing.signal])
    this.servers = servers
    this.ownerCount = options.owners
    this.#inFlight = options.inFlight
    this.#environment = environmentOf(servers)
    this.broken = new Promise((_, reject) => (this.#breakHouse = reject))
    // Looked at by whoever waits; nobody may be waiting at this instant.
    this.broken.catch(() => undefined)
  }

  async start(): Promise<void> {
    const started = Array.from({ length: this.ownerCount }, (_, index) => this.#startOwner(index))
    this.#owners.push(...(await Promise.all(started)))
    const client: ClientChild = startChild({
      name: 'client',
      program: 'client.ts',
      args: [String(this.ownerCount), String(this.#inFlight), this.servers.folder],
      environment: this.#environment,
      logFile: join(this.servers.folder, 'client.log'),
    })
    this.#client = client
    void client.exited.then((end) => this.#noteEnd('client', end, this.#isEnding))
    await client.next('ready')
    await this.heal()
  }

  /** Rejects when the run is ended. */
  async wait(ms: number): Promise<void> {
    await waitFor(this.clock, ms, this.#signal)
  }

  /** The run was ended: nothing new is begun. */
  get isEnding(): boolean {
    return this.#isEnding || this.#signal.aborted
  }

  load(series: number): void {
    if (this.#client === null) throw new Error('the house has not started')
    this.#calm = this.#client.next('calm')
    this.#calm.catch(() => undefined)
    this.#client.send({ kind: 'load', series })
    this.#series = series
    for (const { child } of this.#owners) child.send({ kind: 'read', series })
  }

  /** Ends the load and resolves when everything that was asked is answered. */
  async calm(): Promise<void> {
    this.#client?.send({ kind: 'rest' })
    this.#series = null
    for (const { child } of this.#owners) child.send({ kind: 'rest' })
    await this.#within(calmPatienceMs, 'every open question is answered', this.#calm)
  }

  pidOf(index: number): number {
    return this.#ownerAt(index).child.pid
  }

  /** SIGKILL; resolves when the exit was seen. The slots stay with the dead until somebody acts. */
  async killOwner(index: number): Promise<ChildEnd> {
    const owner = this.#ownerAt(index)
    owner.isDoomed = true
    owner.child.signal('SIGKILL')
    return await owner.child.exited
  }

  /** What the manager says when it saw an exit. */
  reportDead(index: number): void {
    const { incarnation } = this.#ownerAt(index)
    for (const [other, { child }] of this.#owners.entries()) {
      if (other !== index) child.send({ kind: 'process-dead', incarnation })
    }
  }

  /** A new life in the place of a dead one. */
  async respawnOwner(index: number): Promise<void> {
    const owner = await this.#startOwner(index)
    this.#owners[index] = owner
    if (this.#series !== null) owner.child.send({ kind: 'read', series: this.#series })
  }

  async heal(): Promise<void> {
    const deadline = this.clock.monotonicMs() + healPatienceMs
    while (!(await this.#isHome()) || (await this.#hasPendingEffects())) {
      if (this.clock.monotonicMs() > deadline) throw new Error('the owners did not come home, or effects were not settled')
      await Promise.race([this.wait(lookAgainMs), this.broken])
    }
  }

  /** Fences by slot. */
  async fences(): Promise<readonly number[]> {
    const rows = await this.servers.query<{ fence: string }>('SELECT fence FROM slot ORDER BY id')
    return rows.map(({ fence }) => Number(fence))
  }

  takeRarePaths(): RarePaths {
    const taken = this.#rare
    this.#rare = noRarePaths()
    return taken
  }

  /** Ends client and owners, drained; afterwards nobody writes. */
  async stopProcesses(): Promise<void> {
    this.#isEnding = true
    for (const owner of this.#owners) owner.isDoomed = true
    this.#client?.send({ kind: 'end' })
    for (const { child } of this.#owners) child.signal('SIGTERM')
    const ends = Promise.all([this.#client?.exited, ...this.#owners.map(({ child }) => child.exited)])
    await this.#within(healPatienceMs, 'the end of all processes', ends)
  }

  /** Everything, whatever state it is in. Idempotent. */
  async close(): Promise<void> {
    this.#isEnding = true
    this.#closing.abort(new Error('the house is closed'))
    const children = [...this.#starting, ...this.#owners.map(({ child }) => child), ...(this.#client === null ? [] : [this.#client])]
    for (const owner of this.#owners) owner.isDoomed = true
    for (const child of children) if (!child.hasExited()) child.signal('SIGKILL')
    await Promise.all(children.map((child) => child.exited))
    await this.servers.stop()
  }

  /** Lines of error level in what owners and client said: our bugs, whatever the rows say. */
  async errorLines(): Promise<readonly string[]> {
    const texts = await Promise.all(this.#logFiles().map((name) => readFile(join(this.servers.folder, name), 'utf8')))
    return texts.flatMap((text) => text.split('\n')).filter((line) => /"level":"error"|^\S*(owner|client|Error):/.test(line))
  }

  async copyLogs(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true })
    for (const name of this.#logFiles()) await copyFile(join(this.servers.folder, name), join(folder, name))
  }

  #logFiles(): readonly string[] {
    return ['client.log', ...Array.from({ length: this.ownerCount }, (_, index) => `owner-${index}.log`)]
  }

  /** As the manager does: a start that fails, because a server is away, is tried again. */
  async #startOwner(index: number): Promise<Owner> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#tryStartOwner(index)
      } catch (thrown) {
        if (attempt === startAttemptsMax) throw thrown
        await this.wait(restartDelayMs)
      }
    }
  }

  async #tryStartOwner(index: number): Promise<Owner> {
    this.#signal.throwIfAborted()
    const child: OwnerChild = startChild({
      name: `owner ${index}`,
      program: 'owner.ts',
      args: [String(index), String(this.ownerCount), this.servers.folder],
      environment: this.#environment,
      logFile: join(this.servers.folder, `owner-${index}.log`),
    })
    child.onMessage((message) => this.#count(message))
    this.#starting.add(child)
    const { incarnation } = await child.next('started').finally(() => this.#starting.delete(child))
    const owner: Owner = { child, incarnation, isDoomed: false }
    void child.exited.then((end) => this.#noteEnd(child.name, end, owner.isDoomed))
    return owner
  }

  #noteEnd(name: string, end: ChildEnd, wasMeant: boolean): void {
    if (!wasMeant && !this.#isEnding) this.#breakHouse(new Error(`${name} ended by itself: ${JSON.stringify(end)}`))
  }

  #count(message: FromOwner): void {
    if (message.kind === 'fenced') this.#rare.fencedRows += message.rows
    else if (message.kind === 'lost-in-doubt') this.#rare.slotsLostInDoubt += message.slots
    else if (message.kind === 'unknown') this.#rare.unknownCommits += 1
  }

  async #isHome(): Promise<boolean> {
    const rows = await this.servers.query<{ id: number; owner: string | null }>('SELECT id, owner FROM slot')
    return rows.every(({ id, owner }) => owner === this.#ownerAt(id % this.ownerCount).incarnation)
  }

  async #hasPendingEffects(): Promise<boolean> {
    const rows = await this.servers.query("SELECT FROM outbox WHERE state = 'pending' LIMIT 1")
    return rows.length > 0
  }

  #ownerAt(index: number): Owner {
    const owner = this.#owners[index]
    if (owner === undefined) throw new Error(`there is no owner ${index}`)
    return owner
  }

  async #within<Value>(patienceMs: number, what: string, value: Promise<Value>): Promise<Value> {
    const abort = new AbortController()
    const late = waitFor(this.clock, patienceMs, abort.signal).then(() => {
      throw new Error(`waited ${patienceMs} ms in vain for ${what}`)
    })
    late.catch(() => undefined) // Nobody is late once the value is there.
    try {
      return await Promise.race([value, late, this.broken])
    } finally {
      abort.abort(new Error('no longer waited for'))
    }
  }
}

const noRarePaths = (): RarePaths => ({ fencedRows: 0, slotsLostInDoubt: 0, unknownCommits: 0 })

/** A shard process' variables; keys are of this run alone. */
function environmentOf(servers: Servers): Readonly<Record<string, string>> {
  const seed = randomBytes(32)
  return {
    DATABASE_URL: servers.databaseUrl,
    REDIS_URL: servers.redisUrl,
    REDIS_PREFIX: 'nemesis:',
    DISCORD_TOKEN: 'none',
    MUSTER_CLUSTER_KEY: seed.toString('base64'),
    MUSTER_CLUSTER_PUBLIC_KEYS: Buffer.from(createSigner(seed).publicKey).toString('base64'),
    MUSTER_KEK: randomBytes(32).toString('base64'),
  }
}

export async function openHouse(options: NemesisOptions, signal: AbortSignal): Promise<House> {
  return new House(await openServers(), options, signal)
}
