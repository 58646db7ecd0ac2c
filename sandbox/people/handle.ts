/**
 * What a member holds after acting: the interaction, and a way to wait for what the bot makes of it.
 *
 * `reply` resolves with what the member finally sees: a message (a deferred answer only when it is finished), a modal,
 * choices, or the failure the client shows when nothing came in 3 s. A message that the bot goes on editing is waited for
 * with `fits`. It rejects with `reply-timeout` only when the
 * bot has neither answered nor failed within `timeoutMs`.
 */
import type {
  APIApplicationCommandOptionChoice,
  APIMessage,
  APIModalInteractionResponseCallbackData,
} from 'discord-api-types/v10'
import { MessageFlags } from 'discord-api-types/v10'
import type { Clock } from '../../kernel/clock.ts'
import type { InteractionRecord, InteractionState } from '../interactions/interaction.ts'
import type { Interactions } from '../interactions/registry.ts'
import type { World } from '../world/world.ts'
import { PeopleRefused } from './refused.ts'

export type Reply =
  | { kind: 'message'; message: APIMessage; ephemeral: boolean }
  | { kind: 'modal'; modal: APIModalInteractionResponseCallbackData }
  | { kind: 'choices'; choices: readonly APIApplicationCommandOptionChoice[] }
  /** `text` is what the client shows to the member. */
  | { kind: 'failed'; reason: 'no-answer-in-time' | 'token-expired'; text: string }

export interface Handle {
  readonly interactionId: string
  /** What there is to see now. */
  state(): InteractionState['kind']
  /** Resolves when the bot has acknowledged in any way, or has failed to. */
  acknowledged(options?: { timeoutMs?: number }): Promise<InteractionState['kind']>
  reply(options?: { timeoutMs?: number; fits?: (reply: Reply) => boolean }): Promise<Reply>
  /** Further messages of the same interaction, oldest first, those deleted left out. */
  followups(): APIMessage[]
}

const replyTimeoutDefaultMs = 30_000

export interface HandleDeps {
  world: World
  interactions: Interactions
  clock: Clock
}

export function createHandle(deps: HandleDeps, record: InteractionRecord): Handle {
  const { world, interactions, clock } = deps

  const waitUntil = <Found>(look: () => Found | undefined, timeoutMs = replyTimeoutDefaultMs): Promise<Found> =>
    new Promise((resolve, reject) => {
      const now = look()
      if (now !== undefined) {
        resolve(now)
        return
      }
      const unwatch = interactions.watch(record, () => {
        const found = look()
        if (found === undefined) return
        unwatch()
        timer.cancel()
        resolve(found)
      })
      const timer = clock.after(timeoutMs, () => {
        unwatch()
        const said = `the bot's answer is still "${record.state.kind}" after ${timeoutMs} ms`
        reject(new PeopleRefused('reply-timeout', said))
      })
    })

  return {
    interactionId: record.id,
    state: () => record.state.kind,
    acknowledged: ({ timeoutMs } = {}) =>
      waitUntil(() => (record.state.kind === 'waiting' ? undefined : record.state.kind), timeoutMs),
    reply: ({ timeoutMs, fits = () => true } = {}) =>
      waitUntil(() => {
        const reply = toReply(record.state)
        return reply !== undefined && fits(reply) ? reply : undefined
      }, timeoutMs),
    followups: () =>
      record.followupIds
        .map((id) => world.messages.get(record.channelId, id)?.message)
        .filter((message) => message !== undefined),
  }
}

function toReply(state: InteractionState): Reply | undefined {
  switch (state.kind) {
    case 'waiting':
    case 'loading':
    case 'updating':
      return undefined
    case 'answered': {
      const ephemeral = ((state.message.flags ?? 0) & MessageFlags.Ephemeral) !== 0
      return { kind: 'message', message: state.message, ephemeral }
    }
    case 'modal':
      return { kind: 'modal', modal: state.modal }
    case 'choices':
      return { kind: 'choices', choices: state.choices }
    case 'failed': {
      const text = 'The application did not respond'
      return { kind: 'failed', reason: state.reason, text }
    }
  }
}
