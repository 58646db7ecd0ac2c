/**
 * What voice commands need beside the guild's actor: archived boards, a member's records, pictures, secrets, tiers.
 */
import type { KeyEncryptionKeys } from '../../actors/records/cluster-key.ts'
import type { RecordReader } from '../../actors/records/record-reader.ts'
import { sealWebhookSecret } from '../../actors/records/webhook-secret.ts'
import type { PeriodPayload } from '../../actors/protocol/record.ts'
import type { Tier } from '../../actors/protocol/voice-settings.ts'
import type { ChannelId, GuildId, UserId } from '../../kernel/ids.ts'
import { parseWebhookUrl } from '../effects/webhook-target.ts'
import type { WebhookAllowList } from '../effects/webhook-target.ts'
import type { Drawn } from '../render/picture-pool.ts'
import type { Picture } from '../render/picture.ts'

export type ArchivedBoard =
  | { readonly kind: 'unknown' }
  /** Closed, and not signed yet. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'board'; readonly period: PeriodPayload }

export interface VoiceDesk {
  /** The tier of guilds that were given none. */
  readonly defaultTier: Tier
  readonly publicUrl: string
  readArchive(guildId: GuildId, index: number): Promise<ArchivedBoard>
  /** Ids of the member's newest signed sessions. */
  newestRecords(guildId: GuildId, userId: UserId): Promise<readonly string[]>
  draw(picture: Picture): Promise<Drawn>
  /** null: this process does not know the channel. */
  channelName(guildId: GuildId, channelId: ChannelId): string | null
  isWebhookUrl(url: string): boolean
  /** A new secret: shown once, and sealed for the journal. */
  makeSecret(guildId: GuildId): { readonly secret: string; readonly sealed: string }
}

export interface VoiceDeskDeps {
  readonly records: RecordReader
  readonly keks: KeyEncryptionKeys
  readNewestRecords(wanted: { readonly guildId: GuildId; readonly userId: UserId; readonly count: number }): Promise<readonly string[]>
  draw(picture: Picture): Promise<Drawn>
  channelName(guildId: GuildId, channelId: ChannelId): string | null
  random(length: number): Uint8Array
}

const recordsShown = 3
const secretLength = 32

export function createVoiceDesk(
  deps: VoiceDeskDeps,
  options: { readonly defaultTier: Tier; readonly publicUrl: string; readonly webhookAllowList: WebhookAllowList },
): VoiceDesk {
  const { defaultTier, publicUrl } = options
  return {
    defaultTier,
    publicUrl,
    readArchive: (guildId, index) => readArchive(deps.records, guildId, index),
    newestRecords: (guildId, userId) => deps.readNewestRecords({ guildId, userId, count: recordsShown }),
    draw: (picture) => deps.draw(picture),
    channelName: (guildId, channelId) => deps.channelName(guildId, channelId),
    isWebhookUrl: (url) => parseWebhookUrl(url, options.webhookAllowList) !== null,
    makeSecret(guildId) {
      const secret = Buffer.from(deps.random(secretLength)).toString('base64url')
      return { secret, sealed: sealWebhookSecret({ guildId, secret, keks: deps.keks, random: (length) => deps.random(length) }) }
    },
  }
}

/** The board is read from the signed bytes themselves: what is shown is what anybody can verify. */
async function readArchive(records: RecordReader, guildId: GuildId, index: number): Promise<ArchivedBoard> {
  const recordId = await records.findPeriodId({ guildId, index })
  if (recordId === null) return { kind: 'unknown' }
  const found = await records.findRecord(recordId, ['period'])
  if (found.kind !== 'sealed') return { kind: found.kind }
  const { signed } = found.evidence.receipt
  if (signed === null) return { kind: 'unknown' }
  const { payload } = JSON.parse(Buffer.from(signed).toString('utf8')) as { readonly payload: PeriodPayload }
  return { kind: 'board', period: payload }
}
