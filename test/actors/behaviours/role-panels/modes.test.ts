/** Each mode and each rule of a role alone, by clicks and by menus: what changes, and why the rest does not. */
import { expect } from 'chai'
import type { PanelMode } from '../../../../actors/protocol/role-panel.ts'
import type { RolePanelsReply } from '../../../../actors/protocol/role-panels.ts'
import { PanelGuild, role } from '../../../support/panel-guild.ts'

const refusedOf = (reply: RolePanelsReply): unknown => (reply.kind === 'role-change-refused' ? reply.refused.map(({ roleId, reason }) => [roleId, reason]) : reply)

function setUp(mode: PanelMode, more: { readonly min?: number; readonly max?: number } = {}) {
  const guild = new PanelGuild()
  const panel = guild.create({ mode, ...more })
  const click = (wanted: number, member = 1): RolePanelsReply => {
    const reply = guild.click(panel, member, wanted)
    guild.settle()
    return reply
  }
  const choose = (selected: readonly number[], member = 1): RolePanelsReply => {
    const reply = guild.choose(panel, member, { offered: [1, 2, 3], selected })
    guild.settle()
    return reply
  }
  return { guild, panel, click, choose, held: (member = 1) => guild.heldBy(member).toSorted() }
}

describe('modes of a panel', () => {
  it('toggle: a click gives, the next one takes', () => {
    const { click, held } = setUp('toggle')
    click(1)
    click(2)
    expect(held()).to.deep.equal([role(1), role(2)])
    click(1)
    expect(held()).to.deep.equal([role(2)])
  })

  it('toggle by menu: chosen and not held is added, held and not chosen removed, an empty choice clears', () => {
    const { guild, choose, held } = setUp('toggle')
    guild.held.set(guild.member(1).userId, new Set([role(1), role(9)]))
    choose([2, 3])
    expect(held()).to.deep.equal([role(2), role(3), role(9)])
    expect(guild.answers.at(-1)).to.deep.include({ added: [role(2), role(3)], removed: [role(1)], failed: [], refused: [] })
    choose([])
    expect(held(), 'what is not on the menu stays').to.deep.equal([role(9)])
  })

  it('unique: another choice gives back the one before, also that of another menu', () => {
    const { guild, panel, click, held } = setUp('unique')
    click(1)
    click(2)
    expect(held()).to.deep.equal([role(2)])
    guild.choose(panel, 1, { offered: [3], selected: [3] })
    guild.settle()
    expect(held()).to.deep.equal([role(3)])
    click(3)
    expect(held()).to.deep.equal([])
  })

  it('unique: of two chosen at once one is given; where one held cannot be taken, none is given', () => {
    const { guild, panel, choose, held } = setUp('unique')
    choose([1, 2])
    expect(held()).to.deep.equal([role(1)])
    expect(guild.answers.at(-1)?.refused).to.deep.equal([{ roleId: role(2), reason: 'one-only' }])
    const stuck = guild.click(panel, 1, 3, { obstacles: { [role(1)]: 'above-bot' } })
    expect(refusedOf(stuck)).to.deep.equal([[role(3), 'above-bot']])
    expect(held()).to.deep.equal([role(1)])
  })

  it('add-only: given once, never taken', () => {
    const { click, choose, held } = setUp('add-only')
    click(1)
    expect(refusedOf(click(1))).to.deep.equal([[role(1), 'held-already']])
    expect(refusedOf(choose([]))).to.deep.equal([[role(1), 'add-only']])
    choose([2])
    expect(held()).to.deep.equal([role(1), role(2)])
  })

  it('remove-only: taken, never given', () => {
    const { guild, click, choose, held } = setUp('remove-only')
    guild.held.set(guild.member(1).userId, new Set([role(1), role(2)]))
    expect(refusedOf(click(3))).to.deep.equal([[role(3), 'not-held']])
    click(1)
    expect(refusedOf(choose([2, 3]))).to.deep.equal([[role(3), 'remove-only']])
    expect(held()).to.deep.equal([role(2)])
  })

  it('limit: not above the most, not below the least; a swap at the limit is possible', () => {
    const { guild, click, choose, held } = setUp('limit', { min: 1, max: 2 })
    click(1)
    expect(refusedOf(click(1))).to.deep.equal([[role(1), 'below-minimum']])
    click(2)
    expect(refusedOf(click(3))).to.deep.equal([[role(3), 'above-maximum']])
    choose([2, 3])
    expect(held()).to.deep.equal([role(2), role(3)])
    choose([1, 2, 3])
    expect(held()).to.deep.equal([role(2), role(3)])
    choose([])
    expect(held(), 'the least stays').to.have.length(1)
    expect(guild.answers.at(-1)?.refused.map(({ reason }) => reason)).to.deep.equal(['below-minimum'])
  })

  it('binding: the first choice stays, one of several chosen at once is the first', () => {
    const { click, choose, held, guild } = setUp('binding')
    choose([2, 3])
    expect(held()).to.deep.equal([role(2)])
    for (const wanted of [1, 2, 3]) expect(refusedOf(click(wanted))).to.deep.equal([[role(wanted), 'bound']])
    expect(refusedOf(guild.choose(Object.keys(guild.state.panels)[0]!, 1, { offered: [1, 2, 3], selected: [] }))).to.deep.equal([[role(2), 'bound']])
    click(1, 2)
    expect(held(2)).to.deep.equal([role(1)])
  })

  it('limits that cannot be are refused with the range', () => {
    const { guild, panel } = setUp('toggle')
    for (const changes of [{ min: 3, max: 2 }, { min: -1 }, { max: 126 }, { max: 0 }, { min: 1.5 }]) {
      const reply = guild.run({ feature: 'role-panels', kind: 'change-panel', byUserId: guild.member(0).userId, panelId: panel, changes: { mode: 'limit', ...changes } })
      expect(reply, JSON.stringify(changes)).to.deep.equal({ kind: 'panel-refused', reason: 'limits-out-of-range' })
    }
  })
})

describe('rules of one role', () => {
  it('required: one of them must be held, and one given in the same choice counts', () => {
    const { guild, panel, click, choose, held } = setUp('toggle')
    guild.edit(panel, 2, { required: [role(1), role(8)] })
    expect(refusedOf(click(2))).to.deep.equal([[role(2), 'role-required']])
    choose([1, 2])
    expect(held()).to.deep.equal([role(1), role(2)])
  })

  it('forbidden: none of them may be held, and one that is given back in the same choice does not count', () => {
    const { guild, panel, click, choose, held } = setUp('toggle')
    guild.edit(panel, 2, { forbidden: [role(1)] })
    click(1)
    expect(refusedOf(click(2))).to.deep.equal([[role(2), 'role-forbidden']])
    choose([2])
    expect(held()).to.deep.equal([role(2)])
  })

  it('a role that requires itself, or eleven of them, is refused', () => {
    const { guild, panel } = setUp('toggle')
    for (const required of [[role(2)], Array.from({ length: 11 }, (_, index) => role(20 + index))]) {
      expect(guild.edit(panel, 2, { required })).to.deep.equal({ kind: 'panel-refused', reason: 'too-many-rule-roles' })
    }
  })

  it('what Discord would refuse is not asked for: each obstacle is the reason', () => {
    const { guild, panel } = setUp('toggle')
    for (const reason of ['role-gone', 'everyone', 'managed', 'bot-lacks-permission', 'above-bot'] as const) {
      expect(refusedOf(guild.click(panel, 1, 1, { obstacles: { [role(1)]: reason } }))).to.deep.equal([[role(1), reason]])
    }
    expect(guild.effects).to.deep.equal([])
  })

  it('permissions that grew after the role was put there are not handed out', () => {
    const { guild, panel, held } = setUp('toggle')
    const dangers = { [role(1)]: '8' }
    expect(refusedOf(guild.click(panel, 1, 1, { dangers }))).to.deep.equal([[role(1), 'dangerous']])
    guild.run({ feature: 'role-panels', kind: 'add-panel-roles', byUserId: guild.member(0).userId, panelId: panel, roles: [{ roleId: role(4), label: 'staff', confirmed: '8' }] })
    guild.click(panel, 1, 4, { dangers: { [role(4)]: '8' } })
    guild.settle()
    expect(held()).to.deep.equal([role(4)])
    expect(refusedOf(guild.click(panel, 2, 4, { dangers: { [role(4)]: '12' } })), 'another one than was confirmed').to.deep.equal([[role(4), 'dangerous']])
    guild.click(panel, 1, 4, { dangers: { [role(4)]: '12' } })
    guild.settle()
    expect(held(), 'it may always be given back').to.deep.equal([])
  })
})
