/**
 * The manager's own door for load balancers and Prometheus: its health, and that of all its shard processes, on one port.
 *
 * Ready is: as many shard processes as there should be are ready, and the manager is not draining. The metrics are those of
 * every process, each under its `process` label; a process that does not answer is missing, and counted as such.
 */
import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client'
import { addGauge } from '../kernel/metric-families.ts'
import type { HealthAnswer } from '../kernel/health.ts'
import type { Log } from '../kernel/log.ts'
import type { VitalsServer } from '../kernel/vitals-server.ts'
import { startVitalsServer } from '../kernel/vitals-server.ts'
import type { FleetStrength } from './fleet.ts'
import type { ChildDoor, ChildHealth } from './child-vitals.ts'
import { ChildVitals } from './child-vitals.ts'
import type { ManagerStatus } from './manager-status.ts'
import { mergeExpositions } from './merge-expositions.ts'

/** What is told of the topology and of Discord's budget. */
export type ManagerFacts = Pick<ManagerStatus, 'topology' | 'identify' | 'request'>

export class ManagerVitals {
  readonly #log: Log
  readonly #children: ChildVitals
  readonly #registry = new Registry()
  readonly #respawns: Counter
  readonly #startedAt = performance.now()
  readonly #readStrength: () => FleetStrength
  #isDraining = false
  #server: VitalsServer | null = null

  constructor(deps: { readonly log: Log; strength(): FleetStrength; status(): ManagerFacts }, options: { readonly version: string }) {
    this.#log = deps.log
    this.#readStrength = () => deps.strength()
    this.#children = new ChildVitals(deps)
    this.#registry.setDefaultLabels({ process: 'manager' })
    collectDefaultMetrics({ register: this.#registry })
    const registers = [this.#registry]
    new Gauge({ name: 'muster_process_info', help: 'Version of this process; always 1.', labelNames: ['version'], registers }).set(options, 1)
    this.#respawns = new Counter({ name: 'muster_respawns_total', help: 'Shard processes that ended and were spawned again.', registers })
    this.#measureFacts(() => deps.status())
    const processes = new Gauge({
      name: 'muster_shard_processes',
      help: 'Shard processes by what they should be and are.',
      labelNames: ['state'],
      registers,
      collect: () => {
        const { expected, ready } = this.#readStrength()
        processes.set({ state: 'expected' }, expected)
        processes.set({ state: 'ready' }, ready.size)
      },
    })
  }

  /** Resolves with the port. Throws `configuration-invalid` or `port-exhausted`. */
  async start({ host, port }: { readonly host: string; readonly port: number }): Promise<number> {
    const vitals = { ready: () => this.#readyAnswer(), health: () => this.#healthAnswer(), metrics: () => this.#metrics() }
    this.#server = await startVitalsServer(vitals, { host, port, settings: { host: 'HEALTH_HOST', port: 'HEALTH_PORT' } })
    if (port !== 0 && this.#server.port !== port) this.#log.warn('health port taken, listening on the next free one', { wanted: port, port: this.#server.port })
    return this.#server.port
  }

  noteListening(door: ChildDoor): void {
    this.#children.open(door)
  }

  noteExit(pid: number, { isPlanned }: { readonly isPlanned: boolean }): void {
    this.#children.close(pid)
    if (!this.#isDraining && !isPlanned) this.#respawns.inc()
  }

  noteDraining(): void {
    this.#isDraining = true
  }

  async stop(): Promise<void> {
    await this.#server?.stop()
  }

  #measureFacts(look: () => ManagerFacts): void {
    addGauge(this.#registry, 'muster_topology_generation', 'Generation that serves; grows with each rescale and restart.', [], (gauge) => {
      gauge.set(look().topology?.generation ?? 0)
    })
    addGauge(this.#registry, 'muster_identifies_left', 'Logins to Discord’s gateway that are left of today’s budget.', [], (gauge) => {
      const { identify } = look()
      if (identify !== null) gauge.set(identify.left)
    })
    addGauge(this.#registry, 'muster_request_running', '1 while a rescale, a restart or a drain is carried out.', [], (gauge) => {
      gauge.set(look().request === null ? 0 : 1)
    })
  }

  async #readyAnswer(): Promise<HealthAnswer> {
    const { missing, isDegraded } = await this.#look()
    if (missing.length > 0) return { status: 503, body: { status: 'unready', missing } }
    return { status: 200, body: { status: isDegraded ? 'degraded' : 'ready' } }
  }

  async #healthAnswer(): Promise<HealthAnswer> {
    const { missing, isDegraded, children } = await this.#look()
    const processes = children.map(({ process, generation, pid, body }) => ({ process, generation, pid, ...(body ?? { status: 'silent' }) }))
    return {
      status: 200,
      body: {
        status: missing.length > 0 ? 'unready' : isDegraded ? 'degraded' : 'ready',
        missing,
        draining: this.#isDraining,
        uptime_seconds: Math.floor((performance.now() - this.#startedAt) / 1000),
        processes,
      },
    }
  }

  async #look(): Promise<{ readonly missing: readonly string[]; readonly isDegraded: boolean; readonly children: readonly ChildHealth[] }> {
    const children = await this.#children.health()
    const { expected, serving, ready } = this.#readStrength()
    // Processes that only prepare, or leave, are shown but not waited for.
    const wanted = children.filter(({ pid }) => serving.has(pid))
    const unready = wanted.filter(({ pid, body }) => !ready.has(pid) || body === null || body['status'] === 'unready')
    const missing = unready.map(({ process }) => process)
    const absent = expected - wanted.length
    if (absent > 0) missing.push(absent === 1 ? '1 shard process' : `${absent} shard processes`)
    if (this.#isDraining) missing.push('draining')
    return { missing, isDegraded: children.some(({ body }) => body?.['status'] === 'degraded'), children }
  }

  async #metrics(): Promise<{ readonly contentType: string; readonly text: string }> {
    const pages = [await this.#registry.metrics(), ...(await this.#children.metrics())]
    return { contentType: this.#registry.contentType, text: mergeExpositions(pages) }
  }
}
