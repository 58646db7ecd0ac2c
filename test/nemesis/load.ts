/**
 * The load: so many askers, each with one question open, over the guilds of one series.
 *
 * An asker stays with the guilds of one owner's home, so that a dead owner's guilds do not draw every asker in. Every op
 * is asked under its op id until it is answered; one in fifty of those that are told a "no" that promises no effect is
 * given up instead and written down: it must then have none. One in eight questions is a read.
 */
import { randomBytes, randomInt } from 'node:crypto'
import type { ActorClient } from '../../actors/client/actor-client.ts'
import type { Clock } from '../../kernel/clock.ts'
import { waitFor } from '../../kernel/clock.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { opId } from '../../kernel/ids.ts'
import { uuidV7 } from '../../kernel/uuid.ts'
import { asCommand, asLedgerReply } from '../simulation/ledger.ts'
import { machineMs } from './machine-time.ts'
import { readCommand, readRecord } from './read-question.ts'
import type { ClientRecord } from './record.ts'

const deadlineInMs = 3_000
/** Some do not wait long: their deadlines pass while their questions lie in an inbox. */
const shortDeadlineInMs = 250
/** So many appends wish for an effect: its row must be settled once, whoever runs it. */
const postsOneIn = 20
/** After a refusal; a bound that was reached needs a moment. */
const refusedPauseMs = 20

export interface LoadDeps {
  readonly client: ActorClient
  readonly clock: Clock
  record(record: ClientRecord): void
}

export class Load {
  readonly #deps: LoadDeps
  readonly #groups: readonly (readonly GuildId[])[]
  #isAsking = false

  /** `groups`: guilds by their owner's home. */
  constructor(deps: LoadDeps, groups: readonly (readonly GuildId[])[]) {
    this.#deps = deps
    this.#groups = groups
  }

  /** Resolves when `rest` was called and nothing is open any more. */
  async run(inFlight: number): Promise<void> {
    this.#isAsking = true
    await Promise.all(Array.from({ length: inFlight }, (_, index) => this.#askOn(this.#groups[index % this.#groups.length] ?? [])))
  }

  rest(): void {
    this.#isAsking = false
  }

  async #askOn(guilds: readonly GuildId[]): Promise<void> {
    while (this.#isAsking) {
      const guild = guilds[randomInt(guilds.length)] as GuildId
      if (randomInt(8) === 0) await this.#read(guild)
      else await this.#append(guild)
    }
  }

  async #append(guildId: GuildId): Promise<void> {
    const op = opId(uuidV7(Date.now(), randomBytes(16)))
    const command = asCommand({ feature: 'ledger', kind: 'append', value: op, posts: randomInt(postsOneIn) === 0 })
    const askedAt = machineMs()
    const firstDeadlineInMs = randomInt(50) === 0 ? shortDeadlineInMs : deadlineInMs
    let mayHaveEffect = false
    for (let attempt = 0; ; attempt += 1) {
      const waitMs = attempt === 0 ? firstDeadlineInMs : deadlineInMs
      const outcome = await this.#deps.client.ask({ guildId, opId: op, command, deadlineInMs: waitMs })
      const record = { at: machineMs(), askedAt, guildId, opId: op }
      if (outcome.status === 'answered') {
        const reply = asLedgerReply(outcome.reply)
        if (reply.kind !== 'appended') throw new Error(`an append was answered ${JSON.stringify(reply)}`)
        this.#deps.record({ ...record, kind: 'appended', position: reply.position })
        return
      }
      mayHaveEffect ||= outcome.reason === 'unanswered'
      if (!mayHaveEffect && randomInt(50) === 0) {
        this.#deps.record({ ...record, kind: 'refused', reason: outcome.reason })
        return
      }
      await waitFor(this.#deps.clock, refusedPauseMs)
    }
  }

  /** Every attempt of a read is a question of its own: it must show what was answered before that attempt. */
  async #read(guildId: GuildId): Promise<void> {
    for (;;) {
      const op = opId(uuidV7(Date.now(), randomBytes(16)))
      const askedAt = machineMs()
      const outcome = await this.#deps.client.ask({ guildId, opId: op, command: readCommand, deadlineInMs })
      const record = readRecord({ askedAt, guildId, opId: op }, outcome)
      if (record !== null) {
        this.#deps.record(record)
        return
      }
      await waitFor(this.#deps.clock, refusedPauseMs)
    }
  }
}
