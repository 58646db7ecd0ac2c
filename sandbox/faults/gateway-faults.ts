/**
 * Faults of the gateway that wait for their occasion: what is withheld, doubled or delayed.
 *
 * The faults that act at once (close, drop, op 7, op 9) are in face.ts. The gateway asks here and does as told.
 */
import { createPlan } from './plan.ts'

/** Which dispatches are meant; a field left out matches all. */
export interface DispatchSelector {
  /** The dispatch's name: `VOICE_STATE_UPDATE`. */
  t?: string
  guildId?: string
  /** Only to sessions of this shard id. */
  shard?: number
}

export interface DispatchFault {
  /** How often it is sent: 0 loses it, 1 is normal. */
  copies: number
  delayMs: number
}

export interface GatewayFaults {
  /** Heartbeats of the shard stay unanswered: the client sees a zombie. Without `times` until clear(). */
  withholdAck(rule: { shard: number; times?: number }): void
  /** RESUME of the shard is never answered, neither RESUMED nor op 9. */
  withholdResume(rule: { shard: number; times?: number }): void
  /** The next GUILD_CREATE of the guild does not come. */
  withholdGuildCreate(rule: { guildId: string; times?: number }): void
  duplicateDispatch(rule: DispatchSelector & { times?: number; copies?: number }): void
  delayDispatch(rule: DispatchSelector & { times?: number; delayMs: number }): void

  takesAck(shard: number): boolean
  takesResume(shard: number): boolean
  beforeDispatch(occasion: { t: string; guildId: string | undefined; shard: number }): DispatchFault
  clear(): void
}

export function createGatewayFaults(): GatewayFaults {
  const acks = createPlan<{ shard: number }>()
  const resumes = createPlan<{ shard: number }>()
  const copies = createPlan<DispatchSelector & { copies: number }>()
  const delays = createPlan<DispatchSelector & { delayMs: number }>()
  return {
    withholdAck: ({ shard, times = Number.POSITIVE_INFINITY }) => acks.add({ shard }, times),
    withholdResume: ({ shard, times = 1 }) => resumes.add({ shard }, times),
    withholdGuildCreate: ({ guildId, times = 1 }) => copies.add({ t: 'GUILD_CREATE', guildId, copies: 0 }, times),
    duplicateDispatch: ({ times = 1, copies: count = 2, ...selector }) => copies.add({ ...selector, copies: count }, times),
    delayDispatch: ({ times = 1, ...rule }) => delays.add(rule, times),
    takesAck: (shard) => acks.take((rule) => rule.shard === shard) !== undefined,
    takesResume: (shard) => resumes.take((rule) => rule.shard === shard) !== undefined,
    beforeDispatch({ t, guildId, shard }) {
      const isMeant = (rule: DispatchSelector): boolean =>
        (rule.t === undefined || rule.t === t) &&
        (rule.guildId === undefined || rule.guildId === guildId) &&
        (rule.shard === undefined || rule.shard === shard)
      return { copies: copies.take(isMeant)?.copies ?? 1, delayMs: delays.take(isMeant)?.delayMs ?? 0 }
    },
    clear() {
      for (const plan of [acks, resumes, copies, delays]) plan.clear()
    },
  }
}
