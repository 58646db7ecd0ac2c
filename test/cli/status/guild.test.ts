/** `muster guild`: what it reads from Postgres, and how it is told. */
import { expect } from 'chai'
import type { GuildLook } from '../../../cli/status/guild.ts'
import { guildTroubles, presentGuild } from '../../../cli/status/guild.ts'
import { plain, terminalWidth } from '../../../cli/terminal.ts'
import { slotOf } from '../../../actors/ownership/slots.ts'
import type { Incarnation } from '../../../kernel/ids.ts'
import { guildId } from '../../../kernel/ids.ts'
import { silentLog } from '../../../kernel/log.ts'
import { readGuildFacts } from '../../../prisma/guild-facts.ts'
import type { PostgresPool } from '../../../prisma/postgres-pool.ts'
import { createPostgresPool } from '../../../prisma/postgres-pool.ts'
import type { TestDatabase } from '../../support/servers.ts'
import { createTestDatabase, testServersTimeoutMs } from '../../support/servers.ts'

const guild = guildId('1573188597144616960')
const slot = slotOf(guild)
const now = Date.UTC(2026, 10, 20, 9)

describe('muster guild', () => {
  let database: TestDatabase
  let pool: PostgresPool

  before(async function () {
    this.timeout(testServersTimeoutMs)
    database = await createTestDatabase()
    pool = createPostgresPool({ log: silentLog }, { connectionString: database.url, connectionsMax: 4, statementTimeoutMs: 5_000, connectTimeoutMs: 5_000, applicationName: 'test' })
  })
  after(async () => {
    await pool?.end()
    await database?.drop()
  })

  const lookAt = async (liveness: GuildLook['liveness'] = null): Promise<GuildLook> => ({ guildId: guild, slotId: slot, ...(await readGuildFacts(pool, guild, slot)), liveness })

  it('a guild that nothing is known of', async () => {
    const look = await lookAt()
    expect(guildTroubles(look)).to.deep.equal([])
    expect(presentGuild(look, now, plain)).to.match(/^owner +none yet, fence 0, generation 0$/m).and.match(/^journal +empty: nothing was ever recorded$/m).and.match(/^alarms +none$/m)
  })

  it('its head, snapshot, alarms, outbox and cursors, and what of it is not well; never what an event says', async () => {
    const owner = 'host:1:aa'
    const payload = JSON.stringify({ seq: 41, at: now - 60_000, opId: 'x', feature: 'voice-attendance', event: { kind: 'voice-session-closed', reason: 'told to nobody' } })
    const zero = '\\x00'
    await pool.query('UPDATE slot SET fence = 7, owner = $2, generation = 3 WHERE id = $1', [slot, owner])
    await pool.query(`INSERT INTO actor (guild_id, slot, seq, head) VALUES ($1, $2, 41, '\\xabcdef0123456789')`, [guild, slot])
    await pool.query(`INSERT INTO journal (guild_id, seq, fence, payload, hash) VALUES ($1, 41, 7, $2, '${zero}')`, [guild, payload])
    await pool.query(`INSERT INTO snapshot (guild_id, seq, fence, state, signed, signature, cluster_key_id, at) VALUES ($1, 30, 6, '{}', '${zero}', '${zero}', 'k', to_timestamp($2)), ($1, 20, 6, '{}', '${zero}', '${zero}', 'k', to_timestamp($2))`, [guild, now / 1000 - 3_600])
    await pool.query(`INSERT INTO alarm (guild_id, purpose, slot, due_at, set_seq) VALUES ($1, 'voice-attendance/period-end', $2, $3, 40)`, [guild, slot, now + 7_200_000])
    await pool.query(
      `INSERT INTO outbox (guild_id, seq, ordinal, slot, target, kind, payload, state, attempts, last_error, created_at) VALUES
       ($1, 40, 0, $2, 't', 'post-log', '{}', 'pending', 3, 'Missing Access', to_timestamp($3)), ($1, 39, 0, $2, 't', 'add-role', '{}', 'dead', 9, 'gone', to_timestamp($3)),
       ($1, 38, 0, $2, 't', 'add-role', '{}', 'done', 1, null, to_timestamp($3))`,
      [guild, slot, now / 1000 - 600],
    )
    await pool.query(`INSERT INTO cursor (slot, source, position, at) VALUES ($1, 'inbox', '17-0', to_timestamp($2))`, [slot, now / 1000 - 5])
    const alive = { directory: { incarnation: owner as Incarnation, fence: 7 }, process: 'shard-1', isOwnerAlive: true, inboxDepth: 4 }
    const look = await lookAt(alive)
    const text = presentGuild(look, now, plain)
    for (const line of text.split('\n')) expect(line.length, line).to.be.at.most(terminalWidth)
    const flat = text.replaceAll(/\n {11}/g, ' ')
    expect(flat).to.contain('shard-1, fence 7, generation 3, its lease stands, 4 in the inbox of its slot')
    expect(flat).to.contain('head at 41 (abcdef0123456789…), newest voice-attendance/voice-session-closed 60 s ago (2026-11-20T08:59:00Z)')
    expect(flat).to.contain('at 30, 11 events behind, under fence 6, 60 min ago (2026-11-20T08:00:00Z), 2 kept')
    expect(flat).to.contain('voice-attendance/period-end, in 2 h (2026-11-20T11:00:00Z)')
    expect(flat).to.contain('1 pending, 1 dead').and.contain(`${guild}/40/0 post-log, pending, 3 attempts, wished for 10 min ago (2026-11-20T08:50:00Z): Missing Access`)
    expect(flat).to.contain('inbox at 17-0, written 5 s ago')
    expect(flat).not.to.contain('told to nobody')
    expect(guildTroubles(look)).to.deep.equal(['1 effects were given up on: `muster outbox list --guild` shows them, redrive or dismiss each.'])
    const troubles = guildTroubles({ ...look, liveness: { ...alive, isOwnerAlive: false, directory: { incarnation: owner as Incarnation, fence: 6 } } })
    expect(troubles).to.have.length(3)
    expect(troubles[0]).to.match(/^Its owner has no lease/)
    expect(troubles[1]).to.match(/^The directory names an older owner/)
  })
})
