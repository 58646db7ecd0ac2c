/** What admins do with panels: limits with their refusals, two admins at once, and the message that follows. */
import { expect } from 'chai'
import type { EffectResult } from '../../../../actors/protocol/effect.ts'
import type { PanelRefusal, RolePanelsCommand, RolePanelsReply } from '../../../../actors/protocol/role-panels.ts'
import { limits } from '../../../../kernel/limits.ts'
import { PanelGuild, admin, role, user } from '../../../support/panel-guild.ts'

const feature = 'role-panels' as const
const channel = (number: number) => String(7_000 + number) as never

const create = (guild: PanelGuild, name: string, description = ''): RolePanelsReply => guild.run({ feature, kind: 'create-panel', byUserId: admin, name, description })
const refused = (reason: PanelRefusal): RolePanelsReply => ({ kind: 'panel-refused', reason })
const addRoles = (guild: PanelGuild, panelId: string, numbers: readonly number[]): RolePanelsReply =>
  guild.run({ feature, kind: 'add-panel-roles', byUserId: admin, panelId, roles: numbers.map((number) => ({ roleId: role(number), label: `r${number}`, confirmed: '0' })) })
const range = (count: number, from = 1): readonly number[] => Array.from({ length: count }, (_, index) => from + index)
const shownAs = (guild: PanelGuild, panelId: string, messageId = '600'): EffectResult => {
  const panel = guild.state.panels[panelId]!
  return { kind: 'done', answer: { channelId: panel.target, messageId: panel.post?.messageId ?? messageId, revision: panel.revision } }
}

describe('limits of panels', () => {
  it('a name is trimmed, 1 to 100 characters, one of its server whatever the case', () => {
    const guild = new PanelGuild()
    expect(create(guild, '   ')).to.deep.equal(refused('name-empty'))
    expect(create(guild, 'x'.repeat(101))).to.deep.equal(refused('name-too-long'))
    expect(create(guild, `  ${'x'.repeat(100)}  `).kind).to.equal('panel-set')
    expect(create(guild, 'Über uns').kind).to.equal('panel-set')
    for (const again of ['über uns', 'ÜBER UNS ', 'U\u0308ber uns']) expect(create(guild, again), again).to.deep.equal(refused('name-taken'))
    const own = guild.create({ name: 'Own' })
    expect(guild.run({ feature, kind: 'change-panel', byUserId: admin, panelId: own, changes: { name: 'OWN' } }).kind, 'its own name in another case').to.equal('panel-set')
    expect(guild.run({ feature, kind: 'change-panel', byUserId: admin, panelId: own, changes: { name: 'über Uns' } })).to.deep.equal(refused('name-taken'))
  })

  it('a description has at most 4,000 characters, a server 100 panels', () => {
    const guild = new PanelGuild()
    expect(create(guild, 'a', 'x'.repeat(4_001))).to.deep.equal(refused('description-too-long'))
    for (const number of range(limits.panelsMax)) create(guild, `panel ${number}`)
    expect(create(guild, 'one more')).to.deep.equal(refused('too-many-panels'))
  })

  it('a role is on a panel once; 25 buttons, 125 in menus, and no way back to buttons with more', () => {
    const guild = new PanelGuild()
    const panel = guild.create({}, range(25))
    expect(addRoles(guild, panel, [1, 2])).to.deep.equal(refused('role-twice'))
    expect(addRoles(guild, panel, [26])).to.deep.equal(refused('too-many-buttons'))
    guild.run({ feature, kind: 'change-panel', byUserId: admin, panelId: panel, changes: { style: 'menu' } })
    for (let from = 26; from <= 101; from += 25) expect(addRoles(guild, panel, range(25, from)).kind).to.equal('panel-set')
    expect(guild.state.panels[panel]?.roles).to.have.length(125)
    expect(addRoles(guild, panel, [126])).to.deep.equal(refused('too-many-roles'))
    expect(guild.run({ feature, kind: 'change-panel', byUserId: admin, panelId: panel, changes: { style: 'buttons' } })).to.deep.equal(refused('too-many-buttons'))
  })

  it('label, description, emoji, seats and times keep their bounds; a wrong emoji says how a right one looks', () => {
    const guild = new PanelGuild()
    const panel = guild.create()
    const tried: readonly [Parameters<PanelGuild['edit']>[2], PanelRefusal | null][] = [
      [{ label: '' }, 'label-length'], [{ label: 'x'.repeat(81) }, 'label-length'], [{ label: 'x'.repeat(80) }, null],
      [{ description: 'x'.repeat(101) }, 'role-description-too-long'], [{ description: 'x'.repeat(100) }, null],
      [{ emoji: 'x' }, 'emoji-invalid'], [{ emoji: '🎮🎮' }, 'emoji-invalid'], [{ emoji: ':smile:' }, 'emoji-invalid'], [{ emoji: '<:a:1>' }, 'emoji-invalid'],
      [{ emoji: '🎮' }, null], [{ emoji: '👩‍🚀' }, null], [{ emoji: '🇩🇪' }, null], [{ emoji: '<:name:123456789012345678>' }, null], [{ emoji: '<a:name:123456789012345678>' }, null], [{ emoji: ' ' }, null],
      [{ seats: 0 }, 'seats-out-of-range'], [{ seats: 1_001 }, 'seats-out-of-range'], [{ seats: 1_000 }, null],
      [{ temporaryMs: 59_999 }, 'duration-out-of-range'], [{ temporaryMs: 60_000 }, null], [{ temporaryMs: 366 * 86_400_000 }, 'duration-out-of-range'],
    ]
    for (const [changes, reason] of tried) {
      const reply = guild.edit(panel, 1, changes)
      if (reason === null) expect(reply.kind, JSON.stringify(changes)).to.equal('panel-set')
      else expect(reply, JSON.stringify(changes)).to.deep.equal(refused(reason))
    }
    expect(guild.state.panels[panel]?.roles[0]?.emoji).to.equal(null)
  })

  it('what is not there is told: another server’s panel, an entry that somebody removed', () => {
    const guild = new PanelGuild()
    const panel = guild.create()
    const unknown: readonly RolePanelsCommand[] = [
      { feature, kind: 'change-panel', byUserId: admin, panelId: 'of-another', changes: { color: 1 } },
      { feature, kind: 'post-panel', byUserId: admin, panelId: 'of-another', channelId: channel(1) },
      { feature, kind: 'delete-panel', byUserId: admin, panelId: 'of-another', keepsMessage: false },
      { feature, kind: 'read-panel', panelId: 'constructor' },
      { feature, kind: 'open-menus', panelId: 'of-another', userId: user(1), roles: [], clickedAt: 0 },
    ]
    for (const command of unknown) expect(guild.run(command), command.kind).to.deep.equal(refused('unknown-panel'))
    expect(guild.click('of-another', 1, 1)).to.deep.equal(refused('unknown-panel'))
    guild.run({ feature, kind: 'remove-panel-roles', byUserId: user(9), panelId: panel, roleIds: [role(2)] })
    expect(guild.edit(panel, 2, { label: 'x' })).to.deep.equal(refused('unknown-role'))
    expect(guild.click(panel, 1, 2)).to.deep.include({ kind: 'role-change-refused' })
    expect(guild.run({ feature, kind: 'remove-panel-roles', byUserId: admin, panelId: panel, roleIds: [role(2)] })).to.deep.include({ changed: false })
  })
})

describe('the message of a panel', () => {
  it('a draft has none; posted, every change updates it; what changes meanwhile makes one more update, not one each', () => {
    const guild = new PanelGuild()
    const panel = guild.create()
    guild.edit(panel, 1, { label: 'first' })
    expect(guild.effects).to.deep.equal([])
    guild.run({ feature, kind: 'post-panel', byUserId: admin, panelId: panel, channelId: channel(1) })
    for (const label of ['a', 'b', 'c']) guild.edit(panel, 1, { label })
    expect(guild.effects.map(({ kind }) => kind)).to.deep.equal(['show-panel'])
    const before = guild.state.panels[panel]!.revision - 3
    guild.discord({ kind: 'done', answer: { channelId: channel(1), messageId: '600', revision: before } })
    expect(guild.effects.map(({ kind }) => kind)).to.deep.equal(['show-panel'])
    guild.discord(shownAs(guild, panel))
    expect(guild.effects).to.deep.equal([])
    expect(guild.state.panels[panel]).to.deep.include({ isShowing: false, failure: null, post: { channelId: channel(1), messageId: '600' } })
    guild.run({ feature, kind: 'change-panel', byUserId: admin, panelId: panel, changes: { color: guild.state.panels[panel]!.color } })
    expect(guild.effects, 'nothing changed').to.deep.equal([])
  })

  it('moved while it is being shown: shown again where it belongs', () => {
    const guild = new PanelGuild()
    const panel = guild.create()
    guild.run({ feature, kind: 'post-panel', byUserId: admin, panelId: panel, channelId: channel(1) })
    const first = shownAs(guild, panel)
    guild.run({ feature, kind: 'post-panel', byUserId: admin, panelId: panel, channelId: channel(2) })
    guild.discord(first)
    expect(guild.effects.map(({ kind }) => kind)).to.deep.equal(['show-panel'])
  })

  it('a failure is kept with its reason until an update succeeds', () => {
    const guild = new PanelGuild()
    const panel = guild.create()
    guild.run({ feature, kind: 'post-panel', byUserId: admin, panelId: panel, channelId: channel(1) })
    guild.discord({ kind: 'impossible', reason: 'The channel does not exist any more.' })
    expect(guild.state.panels[panel]?.failure).to.contain('does not exist')
    guild.run({ feature, kind: 'post-panel', byUserId: admin, panelId: panel, channelId: channel(2) })
    guild.discord(shownAs(guild, panel))
    expect(guild.state.panels[panel]?.failure).to.equal(null)
  })

  it('deleted with its message or without; deleted while it is being shown, the message is removed after all', () => {
    for (const [keepsMessage, expected] of [[true, []], [false, ['remove-message']]] as const) {
      const guild = new PanelGuild()
      const panel = guild.create()
      guild.run({ feature, kind: 'post-panel', byUserId: admin, panelId: panel, channelId: channel(1) })
      guild.discord(shownAs(guild, panel))
      guild.run({ feature, kind: 'delete-panel', byUserId: admin, panelId: panel, keepsMessage })
      expect(guild.effects.map(({ kind }) => kind)).to.deep.equal(expected)
    }
    const guild = new PanelGuild()
    const panel = guild.create()
    guild.run({ feature, kind: 'post-panel', byUserId: admin, panelId: panel, channelId: channel(1) })
    const shown = shownAs(guild, panel)
    guild.run({ feature, kind: 'delete-panel', byUserId: admin, panelId: panel, keepsMessage: false })
    guild.discord(shown)
    expect(guild.effects.map(({ kind, payload }) => [kind, payload['messageId']])).to.deep.equal([['remove-message', '600']])
  })

  it('without roles it is not posted; without a channel it is not updated', () => {
    const guild = new PanelGuild()
    const panel = guild.create({}, [])
    expect(guild.run({ feature, kind: 'post-panel', byUserId: admin, panelId: panel, channelId: channel(1) })).to.deep.equal(refused('nothing-to-post'))
    expect(guild.run({ feature, kind: 'post-panel', byUserId: admin, panelId: panel, channelId: null })).to.deep.equal(refused('not-posted'))
  })
})

describe('finding panels', () => {
  it('by prefix, whatever the case, at most 25, in order of their names', () => {
    const guild = new PanelGuild()
    for (const number of range(40)) create(guild, `Game ${String(number).padStart(2, '0')}`)
    create(guild, 'colours')
    const found = guild.run({ feature, kind: 'find-panels', prefix: 'gAME' })
    const names = found.kind === 'panels' ? found.panels.map(({ name }) => name) : []
    expect(names).to.have.length(25)
    expect(names.slice(0, 2)).to.deep.equal(['Game 01', 'Game 02'])
    expect(guild.run({ feature, kind: 'find-panels', prefix: 'C' })).to.have.nested.property('panels.length', 1)
    expect(guild.run({ feature, kind: 'list-panels' })).to.have.nested.property('panels.length', 41)
  })
})
