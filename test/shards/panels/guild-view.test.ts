/** What is read of a guild at every click says the same as discord.js, whose own way walks through all roles of the guild. */
import { expect } from 'chai'
import type { Guild } from 'discord.js'
import { Client } from 'discord.js'
import { guildId } from '../../../kernel/ids.ts'
import { viewGuild } from '../../../shards/panels/guild-view.ts'

interface Filled {
  readonly guilds: { _add(data: object): Guild }
  user: { readonly id: string }
}

const guild = '1142857142857142857'
const bot = '42'
const idOf = (number: number): string => String(1_142_857_142_857_150_000n + BigInt(number))

function clientWith(options: { readonly ownerId: string; readonly positions: readonly number[]; readonly held: readonly number[] }): { readonly client: Client; readonly known: Guild } {
  const client = new Client({ intents: [] })
  const filled = client as unknown as Filled
  filled.user = { id: bot }
  const role = (id: string, position: number, permissions: bigint) => ({ id, name: id, position, permissions: String(permissions), color: 0, colors: { primary_color: 0 }, hoist: false, managed: false, mentionable: false, flags: 0 })
  const roles = [role(guild, 0, 0x400n), ...options.positions.map((position, index) => role(idOf(index), position, 1n << BigInt(index % 40)))]
  const members = [{ user: { id: bot, username: 'muster', discriminator: '0', avatar: null, bot: true }, roles: options.held.map(idOf), joined_at: '2026-01-01T00:00:00Z', flags: 0 }]
  const known = filled.guilds._add({ id: guild, name: 'g', owner_id: options.ownerId, roles, members, channels: [], emojis: [], stickers: [], features: [], unavailable: false })
  return { client, known }
}

describe('the view of a guild', () => {
  const cases = [
    { name: 'roles of different height', ownerId: '7', positions: [3, 9, 5, 1], held: [0, 1, 3] },
    { name: 'two at one position: the older is higher', ownerId: '7', positions: [4, 4, 4, 2], held: [2, 1, 3] },
    { name: 'no role but everyone’s', ownerId: '7', positions: [4, 2], held: [] },
    { name: 'the bot owns the server', ownerId: bot, positions: [4, 2], held: [1] },
    { name: 'a role that is gone', ownerId: '7', positions: [4, 2], held: [0, 99] },
    { name: 'many', ownerId: '7', positions: Array.from({ length: 200 }, (_, index) => (index * 37) % 101), held: Array.from({ length: 30 }, (_, index) => index * 6) },
  ]
  for (const { name, ...options } of cases) {
    it(`is discord.js’ own: ${name}`, async () => {
      const { client, known } = clientWith(options)
      const view = viewGuild(client, guildId(guild))
      const me = known.members.me!
      expect(view?.botPermissions).to.equal(me.permissions.bitfield)
      expect(view?.botHighest?.id).to.equal(me.roles.highest.id)
      await client.destroy()
    })
  }
})
