/**
 * Load through the API: other systems send attendance events to all guilds and look some of them up again.
 *
 * Two API processes, as behind a load balancer: a connection that fails is tried at the other. An event is sent again,
 * under its id, until it is acknowledged. What was acknowledged must be found from then on, valid.
 */
import { createHash, randomInt, randomUUID } from 'node:crypto'
import type { Clock } from '../../kernel/clock.ts'
import { waitFor } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { opId } from '../../kernel/ids.ts'
import { machineMs } from '../nemesis/machine-time.ts'
import type { Tellings } from './told.ts'

export const webhookSecret = 'a-secret-of-the-faults'
export const webhookSecretHash = createHash('sha256').update(webhookSecret).digest('hex')

const timeoutMs = 8_000
const againMs = 50
/** Looked up again now and then: the newest are the ones a fault could have lost. */
const rememberedMax = 2_000

export interface EventsDeps {
  readonly clock: Clock
  readonly tellings: Tellings
  /** Addresses of the API processes, in turn. */
  readonly apis: readonly string[]
  readonly guilds: readonly GuildId[]
  readonly signal: AbortSignal
}

export class Events {
  readonly #deps: EventsDeps
  readonly #acknowledged: string[] = []
  #sent = 0

  constructor(deps: EventsDeps) {
    this.#deps = deps
  }

  /** Sends one event and resolves when it is acknowledged. */
  async send(): Promise<void> {
    const { tellings, guilds, signal } = this.#deps
    const number = this.#sent++
    const guildId = guilds[number % guilds.length] as GuildId
    const eventId = randomUUID()
    const body = JSON.stringify({
      event_id: eventId,
      guild_id: guildId,
      user_id: String(100_000_000_000_000_000n + BigInt(number)),
      session_id: 'faults',
      status: 'present',
      at: new Date().toISOString(),
    })
    const name = opId(`webhook:${createHash('sha256').update(`${webhookSecretHash} ${eventId}`).digest('hex')}`)
    const askedAt = machineMs()
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const answer = await this.#post(number + attempt, body)
      if (answer.status === 202) {
        tellings.told.push({ door: 'event', guildId, opId: name, askedAt, at: machineMs() })
        this.#remember(String(answer.body['record_id']))
        return
      }
      if (answer.status === 503 || answer.status === 429) tellings.refused += 1
      else if (answer.status !== 0) {
        tellings.wrong.push(`an event was answered ${answer.status} ${JSON.stringify(answer.body)}`)
        return
      }
      await this.#pause()
    }
  }

  /** Looks an acknowledged record up. An API that cannot answer now says nothing; one that denies the record is wrong. */
  async look(): Promise<void> {
    const { tellings, apis } = this.#deps
    const recordId = this.#acknowledged[randomInt(Math.max(1, this.#acknowledged.length))]
    if (recordId === undefined) return
    const api = apis[randomInt(apis.length)] ?? ''
    const answer = await request(`${api}/verify/attendance/${recordId}`, {})
    if (answer.status === 200 && answer.body['valid'] === true) tellings.reads += 1
    else if (answer.status === 200 || answer.status === 404) {
      tellings.wrong.push(`the acknowledged record ${recordId} was answered ${answer.status} ${JSON.stringify(answer.body['reason'])}`)
    }
  }

  async #post(turn: number, body: string): Promise<Answer> {
    const { apis } = this.#deps
    const headers = { 'content-type': 'application/json', 'x-webhook-secret': webhookSecret }
    return await request(`${apis[turn % apis.length] ?? ''}/webhooks/attendance`, { method: 'POST', headers, body })
  }

  #remember(recordId: string): void {
    if (this.#acknowledged.length < rememberedMax) this.#acknowledged.push(recordId)
    else this.#acknowledged[randomInt(rememberedMax)] = recordId
  }

  async #pause(): Promise<void> {
    // The run was ended meanwhile: the loop looks.
    await waitFor(this.#deps.clock, againMs, this.#deps.signal).catch(() => undefined)
  }
}

interface Answer {
  /** 0: nobody answered. */
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

async function request(address: string, init: RequestInit): Promise<Answer> {
  try {
    const response = await fetch(address, { ...init, signal: AbortSignal.timeout(timeoutMs) })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  } catch (thrown) {
    coerceError(thrown)
    return { status: 0, body: {} }
  }
}
