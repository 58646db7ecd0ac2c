/**
 * `muster tier GUILD [TIER]`: which tier a server has, and the operator's way to give it one.
 *
 * Asked of the guild's owner like everything else, so it is journaled and in force at once. Exit status 0: shown or set;
 * 1: the owner refused, nothing was changed.
 */
import { randomBytes } from 'node:crypto'
import type { ActorClient } from '../../actors/client/actor-client.ts'
import type { Command, Outcome, RefusalReason } from '../../actors/protocol/command.ts'
import type { Tier } from '../../actors/protocol/voice-settings.ts'
import { tiers } from '../../actors/protocol/voice-settings.ts'
import { AppError } from '../../kernel/errors.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { guildId, isSnowflake, opId } from '../../kernel/ids.ts'
import { uuidV7 } from '../../kernel/uuid.ts'

/** As long as a guild may take to change hands after a crash, and an answer on top. */
const deadlineMs = 10_000

export interface TierWish {
  readonly guildId: GuildId
  /** null: back to the cluster's default; undefined: only look. */
  readonly tier: Tier | null | undefined
}

export interface TierOutput {
  /** One JSON object and nothing else. */
  readonly json: boolean
  print(line: string): void
}

/** Throws `configuration-invalid`. */
export function parseTierWish(guild: string, tier: string | undefined): TierWish {
  if (!isSnowflake(guild)) throw new AppError('configuration-invalid', `"${guild}" is not a server id. Discord shows it with developer mode on: right click on the server, Copy Server ID.`)
  if (tier === undefined) return { guildId: guildId(guild), tier: undefined }
  if (tier === 'default') return { guildId: guildId(guild), tier: null }
  const known = tiers.find((one) => one === tier)
  if (known === undefined) throw new AppError('configuration-invalid', `"${tier}" is not a tier. Choose one of: ${tiers.join(', ')}, default.`)
  return { guildId: guildId(guild), tier: known }
}

export async function runTier(
  client: Pick<ActorClient, 'ask'>,
  { wish, defaultTier }: { readonly wish: TierWish; readonly defaultTier: string },
  output: TierOutput,
): Promise<number> {
  const ask = (command: Command): Promise<Outcome> =>
    client.ask({ guildId: wish.guildId, opId: opId(uuidV7(Date.now(), randomBytes(16))), command, deadlineInMs: deadlineMs })
  const feature = 'voice-attendance'
  let changed = false
  if (wish.tier !== undefined) {
    const set = await ask({ feature, kind: 'set-tier', tier: wish.tier })
    if (set.status === 'refused') return refuse(wish, set.reason, output)
    changed = set.reply.kind === 'setting-set' && set.reply.changed
  }
  const read = await ask({ feature, kind: 'read-settings' })
  if (read.status === 'refused') return refuse(wish, read.reason, output)
  const own = read.reply.kind === 'voice-settings' ? read.reply.settings.tier : null
  if (output.json) output.print(JSON.stringify({ guild_id: wish.guildId, tier: own ?? defaultTier, own_tier: own, changed }))
  else output.print(describe(wish, { own, defaultTier, changed }))
  return 0
}

function describe({ guildId: guild, tier }: TierWish, { own, defaultTier, changed }: { own: Tier | null; defaultTier: string; changed: boolean }): string {
  const stands = own === null ? `${defaultTier}, the default (MUSTER_DEFAULT_TIER)` : own
  if (tier === undefined) return `Server ${guild}: ${stands}.`
  return `Server ${guild}: ${changed ? 'now' : 'already'} ${stands}.`
}

const remedies: Partial<Record<RefusalReason, string>> = {
  unanswered: 'nobody answered. It may still be carried out: look with the same command without a tier. Is the manager running (`muster up`)?',
  rejected: 'it could not be carried out because of a fault in Muster, which is in the log.',
}

function refuse({ guildId: guild }: TierWish, reason: RefusalReason, output: TierOutput): number {
  if (output.json) output.print(JSON.stringify({ guild_id: guild, refused: reason }))
  else output.print(`Server ${guild}: ${remedies[reason] ?? `not now (${reason}). Nothing was changed; try again in a few seconds.`}`)
  return 1
}
