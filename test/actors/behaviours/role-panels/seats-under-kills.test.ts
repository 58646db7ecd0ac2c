/**
 * Seats when owners die: clicks, outcomes, lost answers and kills in any order, over the catalog and the outbox of production.
 *
 * At Discord there are never more holders than seats, not even for a moment, where a dead owner's request reached Discord at
 * once or never; where it comes late, after what the next owner did, the look five seconds later mends it. In the end the
 * guild's account of holders is Discord's, everything that was begun is settled once, and whoever asked was told what is so.
 */
import { expect } from 'chai'
import { guildId } from '../../../../kernel/ids.ts'
import { PanelOwners, done } from '../../../support/panel-owners.ts'
import { admin, role, user } from '../../../support/panel-guild.ts'
import { settle } from '../../../support/settle.ts'

const feature = 'role-panels' as const
const seeds = 60
const stepsPerSeed = 120
const members = 8
const seats = 3
const team = role(1)

const createDice = (seed: number) => {
  let dice = seed * 7_919 + 17
  // The low bits of such a generator repeat after a few throws.
  return (below: number): number => ((dice = (dice * 1_103_515_245 + 12_345) % 2_147_483_648) >> 8) % below
}

/** How often each rare thing came about, over all seeds: a test that never met one would show nothing of it. */
const met = { kills: 0, 'undurable at a kill': 0, 'durable and unanswered at a kill': 0, 'on its way at a kill': 0, 'answer lost': 0, refused: 0, 'no seat': 0, 'given back': 0, 'run by the next owner': 0, 'arrived late': 0 }

class Storm {
  readonly roll: ReturnType<typeof createDice>
  readonly owners = new PanelOwners(guildId('1142857142857142857'))
  readonly begun = new Set<string>()
  #panelId = ''
  #clicks = 0
  #holds: string | null = null
  /** Requests of dead owners reach Discord within so long; 0: at once or never. */
  readonly #lateMs: number
  #lateBy: number | null = null

  constructor(seed: number, { lateMs }: { readonly lateMs: number }) {
    this.roll = createDice(seed)
    this.#lateMs = lateMs
  }

  async prepare(): Promise<void> {
    const made = this.owners.ask({ feature, kind: 'create-panel', byUserId: admin, name: 'Seats', description: '' })
    await settle()
    const outcome = made()
    if (outcome?.status !== 'answered' || outcome.reply.kind !== 'panel-set') throw new Error(JSON.stringify(outcome))
    this.#panelId = outcome.reply.panelId
    this.owners.ask({ feature, kind: 'add-panel-roles', byUserId: admin, panelId: this.#panelId, roles: [{ roleId: team, label: 'Team', confirmed: '0' }] })
    this.owners.ask({ feature, kind: 'edit-panel-role', byUserId: admin, panelId: this.#panelId, roleId: team, changes: { seats } })
    await settle()
  }

  async step(): Promise<void> {
    const what = this.roll(20)
    if (what < 8) this.click()
    else if (what < 14) this.discord()
    else if (what < 16) await this.holdCommits()
    else if (what < 19) this.owners.clock.advance(this.roll(600))
    else await this.kill()
    await settle(2)
    this.arriveLate()
    if (this.#lateMs === 0) expect(this.owners.holders(team), 'holders at Discord').to.be.at.most(seats)
  }

  /** In any order with what was done since, but not later than it may be. */
  arriveLate(): void {
    const { owners } = this
    const isDue = this.#lateBy !== null && owners.clock.monotonicMs() >= this.#lateBy
    while (owners.late.length > 0 && (isDue || this.roll(8) === 0)) {
      met['arrived late'] += 1
      owners.arriveLate()
    }
    if (owners.late.length === 0) this.#lateBy = null
  }

  click(): void {
    const { owners } = this
    const userId = user(this.roll(members))
    const clickId = (this.#clicks += 1)
    const roles = [...owners.heldBy(userId)]
    if (roles.length > 0) met['given back'] += 1
    const member = { userId, roles, clickedAt: owners.clock.wallMs(), obstacles: {}, dangers: {} }
    const ticket = { interactionId: String(clickId), applicationId: '1', token: 't', locale: 'en-US' }
    const outcome = owners.ask({ feature, kind: 'click-role', panelId: this.#panelId, roleId: team, member, ticket })
    void settle().then(() => {
      const said = outcome()
      if (said?.status === 'answered' && said.reply.kind === 'role-change-begun') this.begun.add(String(clickId))
      if (said?.status === 'answered' && said.reply.kind === 'role-change-refused') met['no seat'] += 1
    })
  }

  /** Discord speaks on one request of those on their way, or its word is lost. */
  discord(): void {
    const { onTheirWay } = this.owners
    const [request] = onTheirWay.splice(this.roll(Math.max(1, onTheirWay.length)), 1)
    if (request === undefined) return
    const how = this.roll(10)
    if (how === 0 && this.owners.mayBeImpossible(request.attempt)) {
      met.refused += 1
      request.resolve({ kind: 'impossible', reason: 'The role does not exist any more.' })
      return
    }
    this.owners.apply(request.attempt)
    if (how === 1) {
      met['answer lost'] += 1
      request.reject(new Error('socket hang up'))
    } else request.resolve(done)
  }

  /** The database is slow: before a commit takes effect, or in saying that it did. */
  async holdCommits(): Promise<void> {
    const held = this.#holds
    this.#holds = null
    if (held !== null) await this.owners.steps.release(held)
    else {
      this.#holds = this.roll(2) === 0 ? 'commit before' : 'commit after'
      this.owners.steps.hold(this.#holds)
    }
  }

  async kill(): Promise<void> {
    met.kills += 1
    if (!this.owners.isQuiet) met[this.#holds === 'commit after' ? 'durable and unanswered at a kill' : 'undurable at a kill'] += 1
    if (this.owners.onTheirWay.length > 0) met['on its way at a kill'] += 1
    this.#holds = null
    await this.owners.kill(() => (this.roll(2) === 0 ? true : this.#lateMs > 0 && 'late'))
    if (this.owners.late.length > 0) this.#lateBy ??= this.owners.clock.monotonicMs() + this.#lateMs
    if (this.owners.outboxHeld > 0) met['run by the next owner'] += 1
  }

  /** Nobody clicks any more, nothing fails any more: everything comes to its end. */
  async end(): Promise<void> {
    if (this.#holds !== null) await this.owners.steps.release(this.#holds)
    while (this.owners.late.length > 0) this.owners.arriveLate()
    // The look at what was done lately is an alarm of the guild's: whatever is asked brings it.
    for (let second = 0; second < 6; second += 1) {
      this.owners.clock.advance(1_000)
      this.owners.ask({ feature, kind: 'list-panels' })
    }
    for (let round = 0; round < 1_000; round += 1) {
      await settle()
      const { onTheirWay } = this.owners
      if (onTheirWay.length === 0 && this.owners.outboxHeld === 0 && this.owners.isQuiet) return
      for (const { attempt, resolve } of onTheirWay.splice(0)) {
        this.owners.apply(attempt)
        resolve(done)
      }
      this.owners.clock.advance(1_000)
    }
    throw new Error('something never came to its end')
  }
}

describe('seats when owners die', function () {
  this.timeout(60_000)

  for (let seed = 1; seed <= seeds; seed += 1) {
    const lateMs = seed % 2 === 0 ? 0 : 4_000
    const what = lateMs === 0 ? 'never more holders than seats, and in the end one account of them' : 'requests of the dead come late, and in the end there is one account of the holders'
    it(`seed ${seed}: ${what}`, async () => {
      const storm = new Storm(seed, { lateMs })
      await storm.prepare()
      for (let step = 0; step < stepsPerSeed; step += 1) await storm.step()
      await storm.end()
      const { owners, begun } = storm
      const { state } = owners
      const counted = Object.keys(Object.values(state.seats)[0]?.[team] ?? {})
      const holding = [...owners.held].filter(([, roles]) => roles.has(team)).map(([userId]) => userId)
      expect(counted.toSorted()).to.deep.equal(holding.toSorted())
      expect(holding.length).to.be.at.most(seats)
      expect(state.changes).to.deep.equal({})
      expect(state.pending).to.deep.equal({})
      expect([...owners.database.outbox.values()].map(({ state: stored }) => stored).filter((stored) => stored !== 'done')).to.deep.equal([])
      const kinds = owners.kinds()
      expect(kinds.filter((kind) => kind === 'role-change-settled')).to.have.length(kinds.filter((kind) => kind === 'role-change-begun').length)
      const told = new Map(owners.told.map((answer) => [answer.ticket.interactionId, answer]))
      expect([...begun].filter((id) => !told.has(id)), 'asked, acknowledged and never told').to.deep.equal([])
      for (const { userId, added } of told.values()) for (const roleId of added) expect(owners.granted.has(`${userId} ${roleId}`), 'told "added"').to.equal(true)
    })
  }

  it('each rare thing came about', () => {
    for (const [what, times] of Object.entries(met)) expect(times, what).to.be.greaterThan(5)
  })
})
