/**
 * The whole house under attack: Postgres and Redis that can be taken away, a sandbox in this process, the manager with its
 * shard processes, two API processes; and the load that goes through both doors all the while.
 *
 * It does what stands around the house: a manager or an API that ended is started again at once, as pm2 does. `heal`
 * resolves when everybody is ready and the sessions that are open in Postgres are those of the people who are in voice.
 */
import { createSystemClock, waitFor } from '../../kernel/clock.ts'
import type { Clock } from '../../kernel/clock.ts'
import { findFreePort } from '../../cli/embedded/free-port.ts'
import type { Command } from '../../actors/protocol/command.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { guildId, opId, userId } from '../../kernel/ids.ts'
import type { Asker } from '../bench/open-asker.ts'
import { openAsker } from '../bench/open-asker.ts'
import type { Servers } from '../nemesis/servers.ts'
import { openServers } from '../nemesis/servers.ts'
import type { Fleet } from '../support/fleet-processes.ts'
import { entryOf, startFleet } from '../support/fleet-processes.ts'
import { OpenSessions } from '../support/open-sessions.ts'
import type { Program } from '../support/program.ts'
import { startProgram } from '../support/program.ts'
import { Events, webhookSecretHash } from './events.ts'
import type { SmallDisk } from './disk.ts'
import type { FaultOptions } from './options.ts'
import type { Pace } from './pace.ts'
import { startPace } from './pace.ts'
import { People } from './people.ts'
import { Tellings } from './told.ts'

export const shardCount = 4
export const processCount = 2
/** Past it something hangs, and that is a finding. */
const healPatienceMs = 120_000
const lookAgainMs = 50
/** What each door may have open at once. */
const openMax = 128
/** Of the offered rate; the rest are events of other systems. */
const shares = { voice: 0.12, settings: 0.06, looks: 0.04 }
/** Questions on their way while guilds are prepared. */
const preparedAtOnce = 64

export class WholeHouse {
  readonly servers: Servers
  readonly clock: Clock = createSystemClock()
  readonly tellings = new Tellings()
  readonly fleet: Fleet
  readonly signal: AbortSignal
  readonly guilds: readonly GuildId[]
  /** What Postgres stands on, when it is a disk of its own. */
  readonly smallDisk: SmallDisk | null
  readonly #options: FaultOptions
  readonly #apis: { readonly port: number; program: Program | null }[]
  readonly #people: People
  readonly #events: Events
  #paces: Pace[] = []
  #isEnding = false

  constructor(parts: {
    servers: Servers
    fleet: Fleet
    apiPorts: readonly number[]
    options: FaultOptions
    signal: AbortSignal
    smallDisk: SmallDisk | null
  }) {
    this.smallDisk = parts.smallDisk
    this.servers = parts.servers
    this.fleet = parts.fleet
    this.signal = parts.signal
    this.#options = parts.options
    this.#apis = parts.apiPorts.map((port) => ({ port, program: null }))
    const drivers = Array.from({ length: parts.options.guilds }, (_, index) =>
      parts.fleet.sandbox.people.createGuild({ name: `guild ${index}`, voiceChannels: ['Hall'] }),
    )
    this.guilds = drivers.map(({ id }) => guildId(id))
    this.#people = new People(this.tellings, drivers)
    const apis = parts.apiPorts.map((port) => `http://127.0.0.1:${port}`)
    this.#events = new Events({ clock: this.clock, tellings: this.tellings, apis, guilds: this.guilds, signal: this.signal })
  }

  async start(): Promise<void> {
    this.fleet.startManager()
    await Promise.all(this.#apis.map((_, index) => this.startApi(index)))
    await this.fleet.whenReady()
    const asker = await openAsker(this.fleet.environment)
    await this.#prepare(asker)
    await asker.stop()
  }

  /** Rejects when the run is ended. */
  async wait(ms: number): Promise<void> {
    await waitFor(this.clock, ms, this.signal)
  }

  load(): void {
    this.newRound()
    const { rate } = this.#options
    const events = 1 - shares.voice - shares.settings - shares.looks
    this.#paces = [
      startPace({ perSecond: rate * events, openMax, begin: () => this.#events.send() }),
      startPace({ perSecond: rate * shares.looks, openMax, begin: () => this.#events.look() }),
      startPace({ perSecond: rate * shares.settings, openMax, begin: () => this.#people.change() }),
      startPace({ perSecond: rate * shares.voice, openMax, begin: () => this.#people.act() }),
    ]
  }

  /** Begins nothing new and resolves, with how much was begun, when everything is answered. */
  async calm(): Promise<number> {
    const paces = this.#paces.splice(0)
    await this.within(healPatienceMs, 'every open question to be answered', Promise.all(paces.map((pace) => pace.rest())))
    return paces.reduce((sum, pace) => sum + pace.begun(), 0)
  }

  apiPid(index: number): number {
    return this.#apis[index]?.program?.pid ?? 0
  }

  async startApi(index: number): Promise<void> {
    const slot = this.#apis[index]
    if (slot === undefined) throw new Error(`there is no API ${index}`)
    const { DATABASE_URL, REDIS_URL, REDIS_PREFIX, MUSTER_CLUSTER_PUBLIC_KEYS, LD_PRELOAD, ...others } = this.fleet.environment
    const faketime = Object.fromEntries(Object.entries(others).filter(([name]) => name.startsWith('FAKETIME')))
    const given = { DATABASE_URL, REDIS_URL, REDIS_PREFIX, MUSTER_CLUSTER_PUBLIC_KEYS, ...(LD_PRELOAD === undefined ? {} : { LD_PRELOAD }) }
    const own = { API_PORT: String(slot.port), API_REQUESTS_PER_MINUTE: '0', API_VERDICT_MEMORY_MS: '0', API_DRAIN_NOTICE_MS: '0' }
    const environment = { NODE_ENV: 'production', LOG_LEVEL: 'warn', ...given, ...faketime, ...own } as Record<string, string>
    const program = startProgram({ name: `api ${index}`, entry: entryOf('api/main', this.#options.isBuilt), environment, ipc: true })
    slot.program = program
    const port = await program.message((message) => (message as { port?: number }).port)
    if (port !== slot.port) throw new Error(`api ${index} listens on ${port} and not on ${slot.port}`)
  }

  /** SIGKILL; resolves when the exit was seen and it has been started again. */
  async killApi(index: number): Promise<void> {
    const program = this.#apis[index]?.program
    program?.kill('SIGKILL')
    await program?.exited
    await this.startApi(index)
  }

  async killManager(): Promise<void> {
    const manager = this.fleet.manager()
    manager.kill('SIGKILL')
    await manager.exited
    this.fleet.startManager()
  }

  /** Every shard process, every API and every open session as it should be. */
  async heal(): Promise<void> {
    await this.within(healPatienceMs, 'every shard process to be ready', this.fleet.whenReady())
    await this.#until('both API processes are ready', async () => {
      const ready = await Promise.all(this.#apis.map(({ port }) => isReady(`http://127.0.0.1:${port}/health/ready`)))
      return ready.every(Boolean)
    })
    const sessions = new OpenSessions({ query: (text, values) => this.servers.query(text, values ?? []) })
    await this.#until('the open sessions are those of the people in voice', async () => {
      const open = await sessions.read()
      const inVoice = this.#people.inVoice()
      return open.size === inVoice.length && inVoice.every((voice) => open.has(voice))
    })
    await this.#until('every effect is settled', async () => {
      const rows = await this.servers.query("SELECT FROM outbox WHERE state = 'pending' LIMIT 1")
      return rows.length === 0
    })
  }

  /** For a row that strikes more than once: what the last strike took is given back. */
  newRound(): void {
    this.#people.newRound()
  }

  async allLeave(): Promise<void> {
    this.#people.allLeave()
    await this.heal()
  }

  /** Ends every process, drained; afterwards nobody writes. */
  async stopProcesses(): Promise<void> {
    this.#isEnding = true
    const programs = this.#apis.flatMap(({ program }) => (program === null ? [] : [program]))
    for (const program of programs) program.kill('SIGTERM')
    await this.within(healPatienceMs, 'the end of all processes', Promise.all([this.fleet.stopProcesses(), ...programs.map(({ exited }) => exited)]))
  }

  /** Everything, whatever state it is in. Idempotent. */
  async close(): Promise<void> {
    for (const pace of this.#paces) void pace.rest()
    if (!this.#isEnding) await this.stopProcesses()
    await this.fleet.stop()
    await this.servers.stop()
  }

  output(): string {
    return [this.fleet.output(), ...this.#apis.map(({ program }) => program?.output() ?? '')].join('\n')
  }

  /** Every guild takes events and counts everybody's time. */
  async #prepare(asker: Asker): Promise<void> {
    const byUserId = userId('1')
    const commands: readonly Command[] = [
      { feature: 'code-attendance', kind: 'set-webhook-secret', secretHash: webhookSecretHash, byUserId } as Command,
      { feature: 'voice-attendance', kind: 'set-tracking-mode', mode: 'all', byUserId } as Command,
    ]
    for (let from = 0; from < this.guilds.length; from += preparedAtOnce) {
      const some = this.guilds.slice(from, from + preparedAtOnce)
      await Promise.all(some.flatMap((guild) => commands.map((command) => this.#tell(asker, guild, command))))
    }
  }

  async #tell(asker: Asker, guild: GuildId, command: Command): Promise<void> {
    const outcome = await asker.client.ask({ guildId: guild, opId: opId(`prepare:${command.kind}`), command, deadlineInMs: 30_000 })
    if (outcome.status !== 'answered') throw new Error(`guild ${guild} could not be prepared: ${outcome.reason}`)
  }

  async #until(what: string, look: () => Promise<boolean>): Promise<void> {
    const deadline = this.clock.monotonicMs() + healPatienceMs
    while (!(await look())) {
      if (this.clock.monotonicMs() > deadline) throw new Error(`waited ${healPatienceMs} ms in vain until ${what}`)
      await this.wait(lookAgainMs)
    }
  }

  /** Rejects with a sentence when it takes longer: a finding like any other. */
  async within<Value>(patienceMs: number, what: string, value: Promise<Value>): Promise<Value> {
    const abort = new AbortController()
    const late = waitFor(this.clock, patienceMs, abort.signal).then(() => {
      throw new Error(`waited ${patienceMs} ms in vain for ${what}`)
    })
    late.catch(() => undefined) // Nobody is late once the value is there.
    try {
      return await Promise.race([value, late])
    } finally {
      abort.abort(new Error('no longer waited for'))
    }
  }
}

async function isReady(address: string): Promise<boolean> {
  const response = await fetch(address).catch(() => null)
  if (response === null) return false
  return ((await response.json()) as { status?: string }).status === 'ready'
}

export async function openWholeHouse(
  options: FaultOptions,
  { signal, environment, smallDisk }: {
    readonly signal: AbortSignal
    readonly environment: Readonly<Record<string, string>>
    readonly smallDisk: SmallDisk | null
  },
): Promise<WholeHouse> {
  const servers = await openServers()
  try {
    const apiPorts = [await findFreePort(0), await findFreePort(0)]
    const fleet = await startFleet({
      sandbox: { gatewayLimits: { maxConcurrency: shardCount } },
      shardCount,
      processCount,
      servers,
      isBuilt: options.isBuilt,
      environment: { LOG_LEVEL: process.env['FAULTS_LOG_LEVEL'] ?? 'warn', MUSTER_RESPAWN_DELAY_MS_MAX: '1000', ...environment },
    })
    return new WholeHouse({ servers, fleet, apiPorts, options, signal, smallDisk })
  } catch (thrown) {
    await servers.stop()
    throw thrown
  }
}
