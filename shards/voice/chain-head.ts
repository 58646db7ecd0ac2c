/**
 * How far a guild's chain of records has come.
 */
import { encodeHex } from '../../actors/records/hex.ts'
import type { RecordReader } from '../../actors/records/record-reader.ts'
import type { GuildId } from '../../kernel/ids.ts'

export async function readChainHead(
  records: Pick<RecordReader, 'readChain'>,
  guildId: GuildId,
): Promise<{ readonly sequence: number; readonly hash: string } | null> {
  // No receipt is wanted, only where they end.
  const { head } = await records.readChain({ guildId, from: 1, to: 0 })
  return head === null ? null : { sequence: head.sequence, hash: encodeHex(head.hash) }
}
