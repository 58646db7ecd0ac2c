/**
 * Dispatches: what the world tells gateways. Every mutation of the world says what happened through here, whoever
 * made it (a bot over REST, a member, a fault), so nobody has to remember to notify anyone.
 *
 * The body is one of discord-api-types' dispatch payloads, so a forgotten field is a compile error. Listeners must
 * serialise what they keep before they return: the body may share objects with the living world.
 */
import type { GatewayDispatchPayload, GatewayIntentBits } from 'discord-api-types/v10'

type BodyOf<Payload> = Payload extends { t: infer Name; d: infer Data } ? { t: Name; d: Data } : never

/** `{ t, d }` of any dispatch, without the opcode and the sequence number that only a session can give. */
export type DispatchBody = BodyOf<GatewayDispatchPayload>

export interface DispatchAudience {
  /** Decides the shard; without one (direct messages) the dispatch goes to shard 0. */
  guildId?: string
  /** The intent a session needs for it; 0 means everybody gets it. */
  intent: GatewayIntentBits | 0
}

export type Dispatch = DispatchBody & DispatchAudience

export type DispatchListener = (dispatch: Dispatch) => void

export interface DispatchHub {
  emit(body: DispatchBody, audience: DispatchAudience): void
  /** Says that the world changed in a way no gateway hears of; every emit says it too. */
  touch(): void
  onTouched(listener: () => void): () => void
  /** Listens until the returned function is called. */
  onDispatch(listener: DispatchListener): () => void
}

export function createDispatchHub(): DispatchHub {
  const listeners = new Set<DispatchListener>()
  const touchListeners = new Set<() => void>()
  const touch = (): void => {
    for (const listener of touchListeners) listener()
  }
  return {
    touch,
    onTouched(listener) {
      touchListeners.add(listener)
      return () => touchListeners.delete(listener)
    },
    emit(body, audience) {
      touch()
      for (const listener of listeners) listener({ ...body, ...audience })
    },
    onDispatch(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
