/**
 * The guilds of one fault: two in every slot, none of them used by another fault, so that every row tells its fault.
 */
import { limits } from '../../kernel/limits.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { guildIn } from '../support/commit-batches.ts'

const guildsPerSlot = 2

export interface SeriesGuild {
  readonly guildId: GuildId
  readonly slot: number
}

export function guildsOfSeries(series: number): readonly SeriesGuild[] {
  return Array.from({ length: limits.slotCount * guildsPerSlot }, (_, index) => {
    const slot = index % limits.slotCount
    return { guildId: guildIn(slot, series * guildsPerSlot + Math.floor(index / limits.slotCount)), slot }
  })
}
