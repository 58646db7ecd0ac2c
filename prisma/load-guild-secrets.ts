/**
 * Loads the secrets of many guilds, as they are kept: encrypted. Few guilds have one at any time.
 */
import type { GuildId } from '../kernel/ids.ts'
import type { GuildSecretRow } from '../actors/runtime/ports.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'

export async function loadGuildSecrets(pool: PostgresPool, guildIds: readonly GuildId[]): Promise<ReadonlyMap<string, GuildSecretRow[]>> {
  const { rows } = await askPostgres('load guild secrets', { guilds: guildIds.length }, () =>
    pool.query<{ guild_id: string; secret_id: string; sealed: string }>(
      'SELECT guild_id, secret_id, sealed FROM guild_secret WHERE guild_id = ANY($1::int8[])',
      [guildIds],
    ),
  )
  const secrets = new Map<string, GuildSecretRow[]>()
  for (const { guild_id: guild, secret_id: secretId, sealed } of rows) {
    const row = { guildId: guild as GuildId, secretId, sealed }
    secrets.set(guild, [...(secrets.get(guild) ?? []), row])
  }
  return secrets
}
