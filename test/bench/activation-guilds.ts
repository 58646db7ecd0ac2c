/**
 * The guilds of the activation row, spread over all slots.
 */
import type { GuildId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import { guildIn } from '../support/commit-batches.ts'

export const guildOf = (n: number): GuildId => guildIn(n % limits.slotCount, Math.floor(n / limits.slotCount))
