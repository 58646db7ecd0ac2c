/**
 * Changes the topology of a fleet as the command line does, and breaks in at named steps: gives up, or kills the manager.
 */
import { randomUUID } from 'node:crypto'
import { parseProgress } from '../../cluster/wish.ts'
import type { RescaleProgress, Wish } from '../../cluster/wish.ts'
import { createSystemClock, waitFor } from '../../kernel/clock.ts'
import type { ManagerRequestStore, StoredRequest } from '../../prisma/manager-request-store.ts'
import { createPostgresManagerRequestStore } from '../../prisma/manager-request-store.ts'
import type { Fleet } from '../support/fleet-processes.ts'
import { createTestPool } from '../support/leaks.ts'

/** Where a rescale is broken into, in its order. */
export const steps = {
  'prepare begins': ({ step }) => step === 'prepare',
  'a process is heard': ({ step, heard }) => step === 'prepare' && heard >= 1,
  'all are heard': ({ step, heard, processes }) => heard >= processes && step !== 'plan',
  'switch begins': ({ step }) => step === 'switch',
  'a slot has moved': ({ slots }) => slots >= 1,
  'a quarter has moved': ({ slots }) => slots >= 96,
  'half has moved': ({ slots }) => slots >= 192,
  'three quarters have moved': ({ slots }) => slots >= 288,
  'almost all have moved': ({ slots }) => slots >= 370,
  'retire begins': ({ step }) => step === 'retire',
} as const satisfies Readonly<Record<string, (progress: RescaleProgress) => boolean>>
export type BreakPoint = keyof typeof steps

const lookIntervalMs = 25

export class TopologyDriver {
  readonly #requests: ManagerRequestStore
  readonly #pool: ReturnType<typeof createTestPool>
  readonly #clock = createSystemClock()

  constructor(fleet: Pick<Fleet, 'databaseUrl'>) {
    this.#pool = createTestPool(fleet.databaseUrl)
    this.#requests = createPostgresManagerRequestStore(this.#pool)
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }

  /** Asks and follows to the end; `breakIn` is called once, when its point is reached. */
  async change(wish: Wish, breakIn?: { readonly at: BreakPoint; act(id: string): Promise<void> | void }): Promise<StoredRequest> {
    const id = randomUUID()
    if ((await this.#requests.insertRequest({ id, wish: JSON.stringify(wish) })) !== 'inserted') throw new Error('another change is under way')
    let isBroken = breakIn === undefined
    for (;;) {
      const request = await this.#requests.readRequest(id)
      if (request === null) throw new Error('the request is gone')
      if (request.state !== 'asked' && request.state !== 'running') return request
      const progress = request.progress === null ? null : parseProgress(request.progress)
      if (!isBroken && progress !== null && breakIn !== undefined && steps[breakIn.at](progress)) {
        isBroken = true
        await breakIn.act(id)
      }
      await waitFor(this.#clock, lookIntervalMs)
    }
  }

  async giveUp(id: string): Promise<void> {
    await this.#requests.askAbort(id)
  }
}
