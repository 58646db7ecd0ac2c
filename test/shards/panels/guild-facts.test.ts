/** Who may hand out which role: positions, ties, integrations, @everyone, the owner; and spans as people type them. */
import { expect } from 'chai'
import { PermissionFlagsBits } from 'discord-api-types/v10'
import type { RoleId } from '../../../kernel/ids.ts'
import type { GuildFacts, RoleFacts } from '../../../shards/panels/guild-facts.ts'
import { botObstacle, dangersOf, editorObstacle, missingToPost } from '../../../shards/panels/guild-facts.ts'
import { formatSpan, parseSpan, writeSpan } from '../../../shards/panels/span.ts'
import { english } from '../../../shards/texts/english.ts'
import { german } from '../../../shards/texts/german.ts'

const roles = new Map<string, RoleFacts>()
const add = (id: string, position: number, more: Partial<RoleFacts> = {}): RoleFacts => {
  const role = { id: id as RoleId, name: id, position, managed: false, permissions: 0n, ...more }
  roles.set(id, role)
  return role
}
add('7', 0)
const bot = add('50', 5, { managed: true })
add('40', 5)
add('60', 5)
add('10', 4)
add('11', 4, { managed: true })
add('90', 9)

const facts = (more: Partial<GuildFacts> = {}): GuildFacts => ({
  guildId: '7' as never, ownerId: '1' as never, botPermissions: PermissionFlagsBits.ManageRoles, botHighest: bot,
  role: (id) => roles.get(id) ?? null, channel: () => null, channels: () => [], ...more,
})

describe('who may hand out which role', () => {
  it('the bot: below its highest, of two at one position the older is higher', () => {
    const told = ['10', '60', '40', '50', '90', '11', '7', '404'].map((id) => [id, botObstacle(facts(), id as RoleId)])
    expect(told).to.deep.equal([['10', null], ['60', null], ['40', 'above-bot'], ['50', 'managed'], ['90', 'above-bot'], ['11', 'managed'], ['7', 'everyone'], ['404', 'role-gone']])
    expect(botObstacle(facts({ botPermissions: 0n }), '10' as RoleId)).to.equal('bot-lacks-permission')
    expect(botObstacle(facts({ botPermissions: PermissionFlagsBits.Administrator }), '10' as RoleId)).to.equal(null)
    expect(botObstacle(facts({ botHighest: null }), '10' as RoleId)).to.equal('above-bot')
  })

  it('an editor: strictly below their own highest; without roles none, the owner any', () => {
    const editor = (userId: string, ...held: string[]) => ({ userId: userId as never, roles: held as RoleId[] })
    expect(editorObstacle(facts(), editor('2', '10', '60'), '10' as RoleId)).to.equal(null)
    expect(editorObstacle(facts(), editor('2', '60'), '60' as RoleId), 'their own').to.equal('above-editor')
    expect(editorObstacle(facts(), editor('2', '60'), '40' as RoleId), 'same position, older').to.equal('above-editor')
    expect(editorObstacle(facts(), editor('2', '40'), '60' as RoleId), 'same position, younger').to.equal(null)
    expect(editorObstacle(facts(), editor('2'), '10' as RoleId)).to.equal('above-editor')
    expect(editorObstacle(facts(), editor('2', '404'), '10' as RoleId), 'a role that is gone lifts nobody').to.equal('above-editor')
    expect(editorObstacle(facts(), editor('1'), '90' as RoleId)).to.equal(null)
  })

  it('dangerous permissions and what is missing in a channel are told bit by bit', () => {
    const { KickMembers, SendMessages, ViewChannel } = PermissionFlagsBits
    expect(dangersOf(add('70', 1, { permissions: KickMembers | SendMessages }))).to.equal(KickMembers)
    expect(dangersOf(null)).to.equal(0n)
    expect(missingToPost({ id: '1' as never, name: 'c', permissions: ViewChannel | SendMessages })).to.deep.equal(['EmbedLinks', 'ReadMessageHistory'])
  })
})

describe('spans', () => {
  it('are read as people type them, and written so that they are read again', () => {
    const minute = 60_000
    for (const [text, ms] of [['90', 90 * minute], ['90m', 90 * minute], ['1h 30m', 90 * minute], ['7D', 7 * 1_440 * minute], ['3t', 3 * 1_440 * minute], ['2w1d', 15 * 1_440 * minute]] as const) {
      expect(parseSpan(text), text).to.equal(ms)
      expect(parseSpan(writeSpan(ms)), text).to.equal(ms)
    }
    for (const text of ['', 'x', '1 fortnight', '-5m', '1.5h', '7d tomorrow', '1'.repeat(9)]) expect(parseSpan(text), text).to.equal(null)
    expect(formatSpan(english, 8 * 1_440 * minute + 61 * minute)).to.equal('1 week 1 day 1 hour 1 minute')
    expect(formatSpan(german, 2 * 1_440 * minute)).to.equal('2 Tage')
  })
})
