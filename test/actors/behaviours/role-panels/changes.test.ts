/** Role changes between click and Discord's word: order, overlays, seats, times, failures, answers, the audit. */
import { expect } from 'chai'
import type { EffectResult } from '../../../../actors/protocol/effect.ts'
import { limits } from '../../../../kernel/limits.ts'
import { PanelGuild, admin, replay, role, user } from '../../../support/panel-guild.ts'

const feature = 'role-panels' as const
const impossible: EffectResult = { kind: 'impossible', reason: 'The role does not exist any more.' }
const dead: EffectResult = { kind: 'dead', reason: '500' }
const minuteMs = 60_000

function setUp(...settings: Parameters<PanelGuild['create']>) {
  const guild = new PanelGuild()
  return { guild, panel: guild.create(...settings) }
}

describe('role changes on their way', () => {
  it('clicks of one member are applied in order, each over those before it that Discord has not spoken on', () => {
    const { guild, panel } = setUp()
    for (let click = 0; click < 5; click += 1) guild.click(panel, 1, 1)
    expect(guild.effects.map(({ kind }) => kind)).to.deep.equal(['add-role', 'remove-role', 'add-role', 'remove-role', 'add-role'])
    expect(new Set(guild.effects.map(({ target }) => target))).to.deep.equal(new Set([`role:${user(1)}`]))
    guild.settle()
    expect(guild.heldBy(1)).to.deep.equal([role(1)])
    expect(guild.state.pending).to.deep.equal({})
    expect(guild.state.changes).to.deep.equal({})
  })

  it('a click that was made before Discord agreed carries old roles: what was agreed since counts', () => {
    const { guild, panel } = setUp()
    guild.click(panel, 1, 1)
    guild.settle()
    const late = guild.click(panel, 1, 1, { roles: [], clickedAt: guild.now - 500 })
    expect(late.kind).to.equal('role-change-begun')
    expect(guild.effects[0]?.kind).to.equal('remove-role')
    guild.settle()
    guild.pass(10 * minuteMs)
    guild.click(panel, 1, 1, { roles: [role(1)] })
    expect(guild.effects[0]?.kind, 'a moderator gave it meanwhile').to.equal('remove-role')
  })

  it('the person is told once, when Discord has spoken on the last role; the token is in no journal', () => {
    const { guild, panel } = setUp()
    guild.choose(panel, 1, { offered: [1, 2, 3], selected: [1, 2, 3] })
    guild.discord()
    guild.discord(impossible)
    expect(guild.effects.map(({ kind }) => kind)).to.deep.equal(['add-role'])
    guild.discord()
    expect(guild.effects.map(({ kind }) => kind)).to.deep.equal(['answer-interaction'])
    guild.discord()
    expect(guild.answers).to.have.length(1)
    expect(guild.answers[0]).to.deep.include({ added: [role(1), role(3)], failed: [{ roleId: role(2), reason: impossible.reason }] })
    expect(guild.answers[0]?.ticket.token).to.equal('secret-token')
    expect(JSON.stringify(guild.journal)).not.to.contain('secret-token')
  })

  it('one failing role does not stop the rest, and is not held', () => {
    const { guild, panel } = setUp()
    guild.click(panel, 1, 1)
    guild.discord(dead)
    guild.discord()
    expect(guild.answers[0]?.failed).to.deep.equal([{ roleId: role(1), reason: '500' }])
    guild.click(panel, 1, 1)
    expect(guild.effects[0]?.kind, 'it was not given, so it is given').to.equal('add-role')
  })

  it('a row that is settled twice takes effect once', () => {
    const { guild, panel } = setUp()
    guild.click(panel, 1, 1)
    const { payload } = guild.discord()
    const before = guild.journal.length
    guild.run({ feature, kind: 'settle-role-change', changeId: payload['changeId'] as string, roleId: role(1), result: 'done', reason: null, ticket: null })
    expect(guild.journal).to.have.length(before)
  })

  it('at the bound of changes on their way the next click is refused', () => {
    const { guild, panel } = setUp()
    guild.isStrict = false
    for (let member = 1; member <= limits.roleChangesMax; member += 1) guild.click(panel, member, 1)
    expect(guild.click(panel, 9_999, 1)).to.deep.equal({ kind: 'panel-refused', reason: 'too-many-changes' })
  })
})

describe('seats', () => {
  it('are held from the click on, freed by giving back, by a failed grant, and by whoever left', () => {
    const { guild, panel } = setUp()
    guild.edit(panel, 1, { seats: 2 })
    guild.click(panel, 1, 1)
    guild.click(panel, 2, 1)
    expect(guild.click(panel, 3, 1)).to.deep.include({ kind: 'role-change-refused' })
    guild.discord(impossible)
    guild.discord()
    guild.settle()
    expect(guild.click(panel, 3, 1).kind, 'the failed grant freed its seat').to.equal('role-change-begun')
    guild.settle()
    guild.click(panel, 2, 1)
    expect(guild.click(panel, 4, 1).kind, 'not free before Discord agreed').to.equal('role-change-refused')
    guild.settle()
    expect(guild.click(panel, 4, 1).kind).to.equal('role-change-begun')
    guild.settle()
    guild.run({ feature, kind: 'observe-member', userId: user(4), roles: null })
    expect(guild.click(panel, 5, 1).kind, 'whoever left gave it back').to.equal('role-change-begun')
    guild.run({ feature, kind: 'observe-member', userId: user(5), roles: [] })
    expect(guild.click(panel, 6, 1).kind, 'a grant on its way keeps its seat').to.equal('role-change-refused')
  })

  it('of who clicks four times within a breath stays theirs until the last of it: a grant in the middle is still on its way', () => {
    const { guild, panel } = setUp()
    guild.edit(panel, 1, { seats: 1 })
    for (let click = 0; click < 4; click += 1) guild.click(panel, 1, 1)
    for (let spoken = 0; spoken < 2; spoken += 1) guild.discord()
    expect(guild.heldBy(1), 'given and taken').to.deep.equal([])
    guild.run({ feature, kind: 'free-seats', panelId: panel, roleId: role(1), userIds: [user(1)] })
    expect(guild.click(panel, 2, 1).kind, 'another grant of theirs is on its way').to.equal('role-change-refused')
    guild.settle()
    expect(guild.heldBy(1)).to.deep.equal([])
    expect(guild.click(panel, 2, 1).kind).to.equal('role-change-begun')
  })

  it('a role given by another hand takes no seat, and one taken by another hand frees its seat when it is seen', () => {
    const { guild, panel } = setUp()
    guild.edit(panel, 1, { seats: 1 })
    guild.held.set(user(1), new Set([role(1)]))
    expect(guild.click(panel, 2, 1).kind).to.equal('role-change-begun')
    guild.settle()
    guild.run({ feature, kind: 'observe-member', userId: user(2), roles: [role(7)] })
    expect(guild.click(panel, 3, 1).kind).to.equal('role-change-begun')
  })

  it('whatever is clicked and whatever Discord says, no role has more holders than seats; the journal tells the same state', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      let dice = seed * 7_919
      const roll = (below: number): number => (dice = (dice * 1_103_515_245 + 12_345) % 2_147_483_648) % below
      const { guild, panel } = setUp({ mode: (['toggle', 'unique', 'limit'] as const)[seed % 3]!, max: 2 })
      guild.edit(panel, 1, { seats: 3 })
      guild.edit(panel, 2, { seats: 1, temporaryMs: 2 * minuteMs })
      for (let step = 0; step < 120; step += 1) {
        const what = roll(10)
        if (what < 4) guild.click(panel, roll(8), 1 + roll(3))
        else if (what < 5) guild.choose(panel, roll(8), { offered: [1, 2, 3], selected: [1, 2, 3].filter(() => roll(2) === 0) })
        else if (what < 8 && guild.effects.length > 0) guild.discord(roll(5) === 0 ? impossible : undefined)
        else if (what === 8) guild.pass(roll(minuteMs))
        else guild.run({ feature, kind: 'observe-member', userId: user(roll(8)), roles: guild.heldBy(0) })
        const holders = (number: number): number => [...guild.held.values()].filter((roles) => roles.has(role(number))).length
        // Those whom `observe-member` said to have lost it still hold it here: only what the panel counts is bounded then.
        const seatsOf = (number: number): number => Object.keys(guild.state.seats[panel]?.[role(number)] ?? {}).length
        expect(seatsOf(1), `seed ${seed}`).to.be.at.most(3)
        expect(seatsOf(2), `seed ${seed}`).to.be.at.most(1)
        expect(holders(1)).to.be.at.most(8)
      }
      guild.settle()
      expect(guild.state.changes).to.deep.equal({})
      expect(guild.state.pending).to.deep.equal({})
      expect(replay(guild.journal)).to.deep.equal(guild.state)
      expect(JSON.parse(JSON.stringify(guild.state))).to.deep.equal(guild.state)
    }
  })

  it('with clicks alone, members that hold a role are never more than its seats', () => {
    const { guild, panel } = setUp()
    guild.edit(panel, 1, { seats: 10 })
    for (let member = 1; member <= 500; member += 1) guild.click(panel, member, 1)
    guild.settle()
    expect([...guild.held.values()].filter((roles) => roles.has(role(1)))).to.have.length(10)
    expect(guild.answers, 'those without a seat were told at once').to.have.length(10)
  })
})

describe('temporary roles', () => {
  it('begin when Discord agreed, end by themselves at their time, and are told to the audit', () => {
    const { guild, panel } = setUp()
    guild.run({ feature, kind: 'set-audit-channel', byUserId: admin, channelId: '77' as never })
    guild.edit(panel, 1, { temporaryMs: 10 * minuteMs })
    guild.click(panel, 1, 1)
    guild.pass(5 * minuteMs)
    guild.settle()
    guild.pass(9 * minuteMs)
    guild.settle()
    expect(guild.heldBy(1)).to.deep.equal([role(1)])
    guild.pass(minuteMs)
    expect(guild.effects[0]).to.deep.include({ kind: 'remove-role' })
    guild.settle()
    expect(guild.heldBy(1)).to.deep.equal([])
    expect(guild.state.temporary).to.deep.equal({})
    expect(guild.state.nextExpiryAt).to.equal(null)
    guild.pass(minuteMs)
    expect(guild.effects.find(({ kind }) => kind === 'post-audit')?.payload['lines']).to.have.length(1)
  })

  it('given back before its time, nothing ends later; given anew, its time begins anew', () => {
    const { guild, panel } = setUp()
    guild.edit(panel, 1, { temporaryMs: 10 * minuteMs })
    guild.click(panel, 1, 1)
    guild.settle()
    guild.pass(5 * minuteMs)
    guild.click(panel, 1, 1)
    guild.settle()
    guild.click(panel, 1, 1)
    guild.settle()
    guild.pass(6 * minuteMs)
    expect(guild.effects).to.deep.equal([])
    guild.pass(4 * minuteMs)
    expect(guild.effects.map(({ kind }) => kind)).to.deep.equal(['remove-role'])
  })

  it('more than a turn holds end at one instant: turn after turn, all at the same time', () => {
    const { guild, panel } = setUp()
    guild.edit(panel, 1, { temporaryMs: minuteMs })
    const members = limits.expiriesPerTurnMax * 2 + 3
    for (let member = 1; member <= members; member += 1) guild.click(panel, member, 1)
    guild.settle()
    guild.pass(minuteMs)
    expect(guild.effects.filter(({ kind }) => kind === 'remove-role')).to.have.length(members)
  })

  it('survive the panel and its entry: what was given for a time ends', () => {
    const { guild, panel } = setUp()
    guild.edit(panel, 1, { temporaryMs: minuteMs })
    guild.click(panel, 1, 1)
    guild.settle()
    guild.run({ feature, kind: 'delete-panel', byUserId: admin, panelId: panel, keepsMessage: true })
    guild.pass(minuteMs)
    guild.settle()
    expect(guild.heldBy(1)).to.deep.equal([])
  })
})

describe('the audit', () => {
  it('collects: ten lines at once, fewer after five seconds, one post on its way at a time', () => {
    const { guild, panel } = setUp()
    guild.run({ feature, kind: 'set-audit-channel', byUserId: admin, channelId: '77' as never })
    const posts = () => guild.effects.filter(({ kind }) => kind === 'post-audit')
    const change = (member: number): void => {
      guild.click(panel, member, 1)
      while (guild.effects[0]?.kind !== 'post-audit' && guild.effects.length > 0) guild.discord()
    }
    for (let member = 1; member <= 9; member += 1) change(member)
    guild.pass(0)
    expect(posts()).to.have.length(0)
    change(10)
    guild.pass(0)
    expect(posts()[0]?.payload['lines']).to.have.length(10)
    const [post] = guild.effects.splice(guild.effects.findIndex(({ kind }) => kind === 'post-audit'), 1)
    for (let member = 11; member <= 40; member += 1) change(member)
    guild.pass(minuteMs)
    expect(posts(), 'the next waits for the one before').to.have.length(0)
    guild.effects.unshift(post!)
    guild.discord()
    guild.pass(0)
    expect(posts()).to.have.length(1)
  })

  it('never holds a role up: past its bound lines are counted, a failing channel is noted', () => {
    const { guild, panel } = setUp()
    guild.isStrict = false
    guild.run({ feature, kind: 'set-audit-channel', byUserId: admin, channelId: '77' as never })
    for (let member = 1; member <= limits.auditQueueMax + 20; member += 1) {
      guild.click(panel, member, 1)
      while (guild.effects.some(({ kind }) => kind !== 'post-audit')) {
        if (guild.effects[0]?.kind === 'post-audit') guild.effects.push(guild.effects.shift()!)
        guild.discord()
      }
    }
    const config = guild.run({ feature, kind: 'read-panel-config' })
    expect(config.kind === 'panel-config' ? config.config.auditDropped : 0).to.be.greaterThan(0)
    guild.discord({ kind: 'impossible', reason: 'Muster cannot see the channel.' })
    const after = guild.run({ feature, kind: 'read-panel-config' })
    expect(after).to.have.nested.property('config.auditFailure', 'Muster cannot see the channel.')
  })
})

describe('after a change of owner', () => {
  it('what was done in the last minute is looked at again, once, behind what is on its way; older things are not', () => {
    const { guild, panel } = setUp()
    guild.click(panel, 1, 1)
    guild.settle()
    guild.pass(2 * minuteMs)
    guild.click(panel, 2, 1)
    guild.click(panel, 3, 1)
    guild.settle()
    guild.click(panel, 3, 1)
    guild.run({ feature, kind: 'confirm-roles' })
    guild.run({ feature, kind: 'confirm-roles' })
    expect(guild.effects.map(({ kind }) => kind)).to.deep.equal(['remove-role'])
    guild.pass(5_000)
    expect(guild.effects.slice(1).map(({ kind, payload }) => [kind, payload['userId'], payload['wanted']])).to.deep.equal([['confirm-role', user(2), 'add']])
    guild.settle()
    guild.pass(2 * minuteMs)
    guild.run({ feature, kind: 'confirm-roles' })
    expect(guild.state.confirmAt).to.equal(null)
  })

  it('a second change of owner before the look puts it off: requests of that owner may be late, too', () => {
    const { guild, panel } = setUp()
    guild.click(panel, 1, 1)
    guild.settle()
    guild.run({ feature, kind: 'confirm-roles' })
    guild.pass(4_000)
    guild.run({ feature, kind: 'confirm-roles' })
    guild.pass(4_000)
    expect(guild.effects, 'not yet').to.deep.equal([])
    guild.pass(1_000)
    expect(guild.effects.map(({ kind }) => kind)).to.deep.equal(['confirm-role'])
  })
})
