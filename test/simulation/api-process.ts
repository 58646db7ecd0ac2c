/**
 * An API process of the simulated cluster: the production client and nothing else.
 */
import type { Clock } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import { incarnation } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import { ActorClient } from '../../actors/client/actor-client.ts'
import { CalibratedTime } from '../../actors/runtime/database-time.ts'
import { Asker } from './asker.ts'
import type { AskerDeps } from './asker.ts'
import type { Operation } from './history.ts'
import type { PostgresPorts } from './postgres-ports.ts'
import type { RedisPorts } from './redis-ports.ts'
import type { SimulatedProcess } from './simulated-process.ts'

export interface ApiProcessDeps extends AskerDeps {
  readonly log: Log
  createPostgresPorts(): PostgresPorts
  createRedisPorts(): RedisPorts
  /** Its start failed: it ended. */
  onExit(): void
}

const defaultDeadlineMs = 3_000

export class ApiProcess {
  readonly machine: SimulatedProcess
  readonly asker: Asker
  readonly #deps: ApiProcessDeps
  #client: ActorClient | null = null
  #isReady = false

  constructor(deps: ApiProcessDeps) {
    this.#deps = deps
    this.machine = deps.machine
    this.asker = new Asker(deps)
  }

  get isReady(): boolean {
    return this.#isReady && this.machine.isUp
  }

  boot(): void {
    this.machine.boot()
    const clock = this.machine.createClock()
    this.machine.post('main', 0, () => void this.#start(clock))
  }

  die(): void {
    this.machine.die()
    this.#client = null
    this.#isReady = false
    this.asker.abandonAll()
  }

  ask(operation: Operation, deadlineMs: number | null): void {
    const { guildId, opId, command } = operation
    const deadlineInMs = deadlineMs ?? defaultDeadlineMs
    this.asker.ask(operation, (tell) => {
      if (this.#client === null || !this.#isReady) tell({ status: 'refused', reason: 'stopping' })
      else void this.#client.ask({ guildId, opId, command, deadlineInMs }).then(tell)
    })
  }

  async #start(clock: Clock): Promise<void> {
    const time = new CalibratedTime(clock)
    const { guilds } = this.#deps.createPostgresPorts()
    const { inbox, bus } = this.#deps.createRedisPorts()
    const me = incarnation(`${this.machine.name}:${this.machine.life}:sim`)
    this.#client = new ActorClient({ me, clock, inbox, bus, log: this.#deps.log, now: () => time.now() })
    try {
      await time.calibrate(() => guilds.databaseTime())
      await this.#client.start()
      this.#isReady = true
    } catch (thrown) {
      this.#deps.log.info('start failed', { error: coerceError(thrown) })
      this.die()
      this.#deps.onExit()
    }
  }
}
