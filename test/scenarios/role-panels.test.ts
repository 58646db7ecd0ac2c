/**
 * Role panels as admins make them and members use them, against whole processes: the way from `/panel create` to a role
 * that was clicked.
 */
import { expect } from 'chai'
import type { APIMessage } from 'discord-api-types/v10'
import type { MemberDriver } from '../../sandbox/people/member.ts'
import type { GuildDriver } from '../../sandbox/people/people.ts'
import type { Fleet } from '../support/fleet-processes.ts'
import { refusedRequests, showOutputOnFailure, startFleet } from '../support/fleet-processes.ts'
import { PanelScreen, messageOf, partOf, wordsOf } from '../support/panel-screen.ts'
import { testServersTimeoutMs } from '../support/servers.ts'

describe('role panels, from the first command to the click', function () {
  this.timeout(60_000)
  let fleet: Fleet
  let guild: GuildDriver
  let admin: MemberDriver
  let member: MemberDriver

  before(async function () {
    this.timeout(testServersTimeoutMs)
    fleet = await startFleet({ sandbox: {}, shardCount: 1, processCount: 1 })
    guild = fleet.sandbox.people.createGuild({ name: 'club', textChannels: ['general', 'roles', 'audit'] })
    fleet.startManager()
    await fleet.whenReady()
    admin = guild.owner()
    member = guild.addMember({ username: 'ada', globalName: 'Ada' })
  })

  afterEach(function () {
    showOutputOnFailure(this.currentTest, fleet)
    expect(fleet.sandbox.requestLog.violations()).to.deep.equal([])
    expect(refusedRequests(fleet.sandbox)).to.deep.equal([])
  })

  after(async () => {
    await fleet?.stop()
  })

  const posted = (channel: string, title: string): Promise<APIMessage> =>
    fleet.rows.until(() => Promise.resolve(admin.messages(guild.channel(channel).id).find(({ embeds }) => embeds[0]?.title === title)))

  it('created, given a role, posted, clicked: the role is there when the member is told so', async () => {
    const red = guild.createRole({ name: 'Red' })
    const screen = await PanelScreen.create(admin, { name: 'Colours', description: 'Pick one' })
    expect(screen.words).to.contain('Colours').and.contain('no roles yet').and.contain('Draft')
    await screen.press('add')
    await screen.choose('add-pick', [red.id])
    expect(screen.words).to.contain(`Added to the panel: <@&${red.id}>`)
    await screen.press('post')
    await screen.choose('post-pick', [guild.channel('roles').id])
    const panel = await posted('roles', 'Colours')
    const told = await messageOf(member.click(panel, partOf(panel, 'role', red.id).custom_id))
    expect(wordsOf(told)).to.equal(`Added: <@&${red.id}>`)
    expect(member.member().roles).to.deep.equal([red.id])
    expect(wordsOf(await messageOf(member.click(panel, partOf(panel, 'role', red.id).custom_id)))).to.equal(`Removed: <@&${red.id}>`)
    expect(member.member().roles).to.deep.equal([])
  })
})
