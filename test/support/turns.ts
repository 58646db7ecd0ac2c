/** Requests and decided turns, made by hand: what batches and lanes are given by activations. */
import type { Command, Outcome } from '../../actors/protocol/command.ts'
import type { Activation } from '../../actors/runtime/activation.ts'
import type { PendingTurn } from '../../actors/runtime/batch.ts'
import type { LowWaterEntry } from '../../actors/runtime/low-water.ts'
import type { RequestOrigin } from '../../actors/runtime/request.ts'
import { Request } from '../../actors/runtime/request.ts'
import { emptyRows } from '../../actors/runtime/turn.ts'
import type { TurnRows } from '../../actors/runtime/turn.ts'
import { slotOf } from '../../actors/ownership/slots.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { opId, sequence } from '../../kernel/ids.ts'
import { hashOf } from './commit-batches.ts'
import { look } from './tally.ts'

let requestsMade = 0

export interface MadeRequest {
  readonly request: Request
  /** Undefined until it was settled. */
  readonly outcome: () => Outcome | undefined
}

export function makeRequest(options: {
  readonly guild: GuildId
  readonly command?: Command
  readonly op?: string
  readonly origin?: RequestOrigin
  readonly lowWater?: LowWaterEntry | null
  readonly receivedAt?: number | null
  readonly deadlineAt?: number | null
  readonly comesFirst?: boolean
  readonly isNew?: boolean
  readonly onSettled?: (outcome: Outcome) => void
}): MadeRequest {
  let outcome: Outcome | undefined
  const request = new Request({
    envelope: {
      guildId: options.guild,
      opId: opId(options.op ?? `op-${(requestsMade += 1)}`),
      command: options.command ?? look,
      receivedAt: options.receivedAt ?? null,
      deadlineAt: options.deadlineAt ?? null,
    },
    origin: options.origin ?? 'local',
    lowWater: options.lowWater ?? null,
    comesFirst: options.comesFirst ?? false,
    isNew: options.isNew ?? false,
    settle: (settled) => {
      outcome = settled
      options.onSettled?.(settled)
    },
  })
  return { request, outcome: () => outcome }
}

/** A turn of `guild` from `from` to `to`, its journal rows included. */
export function makeTurn(
  guild: GuildId,
  from: number,
  options: { readonly to?: number; readonly request?: Request; readonly rows?: Partial<TurnRows>; readonly epoch?: number; readonly activation?: Activation } = {},
): PendingTurn {
  const to = options.to ?? from + 1
  const journal = Array.from({ length: to - from }, (_, index) => {
    const seq = sequence(from + index + 1)
    return { guildId: guild, seq, payload: `{"seq":${seq}}`, hash: hashOf(`${guild} ${seq}`) }
  })
  const epoch = options.epoch ?? 0
  const { request } = options.request === undefined ? makeRequest({ guild }) : { request: options.request }
  return {
    activation: options.activation ?? ({ epoch } as unknown as Activation),
    epoch,
    guildId: guild,
    slot: slotOf(guild),
    request,
    from: sequence(from),
    to: sequence(to),
    head: hashOf(`${guild} ${to}`),
    rows: { ...emptyRows(), journal, ...options.rows },
    opResult: { guildId: guild, opId: request.envelope.opId, seq: sequence(to), result: '{}' },
  }
}
