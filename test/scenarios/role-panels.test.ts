/**
 * Role panels as admins make them and members use them, against whole processes: every path of the edit interface, in
 * two languages, two admins at once, things deleted in between, and attempts to get what one should not.
 */
import { expect } from 'chai'
import type { APIMessage } from 'discord-api-types/v10'
import { PermissionFlagsBits } from 'discord-api-types/v10'
import type { MemberDriver } from '../../sandbox/people/member.ts'
import type { GuildDriver } from '../../sandbox/people/people.ts'
import { PeopleRefused } from '../../sandbox/people/refused.ts'
import type { Fleet } from '../support/fleet-processes.ts'
import { refusedRequests, showOutputOnFailure, startFleet } from '../support/fleet-processes.ts'
import { createLeapingClock } from '../support/leaping-clock.ts'
import { PanelScreen, forgeClick, messageOf, partOf, partsOf, wordsOf } from '../support/panel-screen.ts'
import { testServersTimeoutMs } from '../support/servers.ts'
import type { ShiftedClock } from '../support/shifted-clock.ts'
import { shiftClockOf } from '../support/shifted-clock.ts'

type Options = Record<string, string | number | boolean>

const dayMs = 24 * 3_600_000

describe('role panels (posts and edits of a channel, and role changes, a hundred times as fast)', function () {
  this.timeout(60_000)
  const discordClock = createLeapingClock()
  let fleet: Fleet
  let time: ShiftedClock
  let guild: GuildDriver
  let owner: MemberDriver
  let german: MemberDriver
  let member: MemberDriver
  const roles = new Map<string, string>()
  /** Parts of paths of the bot's requests that a test has Discord refuse. */
  const refusable: string[] = []

  before(async function () {
    this.timeout(testServersTimeoutMs)
    fleet = await startFleet({ sandbox: { restLimits: { bucketFactor: 100 } }, sandboxClock: discordClock, shardCount: 1, processCount: 1 })
    time = await shiftClockOf(fleet.databaseUrl)
    guild = fleet.sandbox.people.createGuild({ name: 'club', textChannels: ['general', 'roles', 'news', 'audit'] })
    // Made in this order, each below those before it.
    for (const name of ['Boss', 'Bot’s own', 'Helper', 'Staff', 'Red', 'Green', 'Blue', 'Guest', 'Member']) {
      const permissions = name === 'Staff' ? String(PermissionFlagsBits.KickMembers) : name === 'Helper' ? String(PermissionFlagsBits.ManageRoles) : '0'
      roles.set(name, guild.createRole({ name, permissions }).id)
    }
    const { world } = fleet.sandbox
    for (const [index, name] of [...roles.keys()].entries()) world.roles.setPosition(guild.id, role(name), 50 - index)
    const botRole = world.roles.list(guild.id).find(({ managed }) => managed)!
    world.roles.setPosition(guild.id, botRole.id, 49)
    world.roles.setPosition(guild.id, role('Bot’s own'), 48)
    fleet.startManager()
    await fleet.whenReady()
    owner = guild.owner()
    german = guild.addMember({ username: 'greta', roles: [role('Helper')] })
    german.setLocale('de')
    member = guild.addMember({ username: 'ada', globalName: 'Ada' })
  })

  afterEach(function () {
    showOutputOnFailure(this.currentTest, fleet)
    expect(fleet.sandbox.requestLog.violations()).to.deep.equal([])
    expect(refusedRequests(fleet.sandbox).filter(({ path }) => !refusable.some((part) => path.includes(part)))).to.deep.equal([])
  })

  after(async () => {
    await fleet?.stop()
  })

  const role = (name: string): string => roles.get(name) ?? ''
  const at = (name: string): string => `<@&${role(name)}>`
  const channel = (name: string): string => guild.channel(name).id
  const textOf = async (who: MemberDriver, command: string, options: Options = {}): Promise<string> => wordsOf(await messageOf(who.slash(command, options)))
  const click = async (who: MemberDriver, message: APIMessage, action: string, argument?: string): Promise<string> =>
    wordsOf(await messageOf(who.click(message, partOf(message, action, argument).custom_id)))
  /** Looked at again after whatever was written. */
  const eventually = <Value>(look: () => Value | undefined): Promise<Value> => fleet.rows.until(() => Promise.resolve(look()))
  const postedAs = (where: string, title: string, fits: (message: APIMessage) => boolean = () => true): Promise<APIMessage> =>
    eventually(() => owner.messages(channel(where)).find((message) => message.embeds[0]?.title === title && fits(message)))

  async function postedPanel(name: string, names: readonly string[], who = owner): Promise<{ readonly screen: PanelScreen; readonly message: APIMessage }> {
    const screen = await PanelScreen.create(who, { name })
    await (await screen.press('add')).choose('add-pick', names.map(role))
    await (await screen.press('post')).choose('post-pick', [channel('roles')])
    return { screen, message: await postedAs('roles', name) }
  }

  it('/panel create, list, edit with autocompletion: names are found by prefix, whatever the case', async () => {
    expect(await textOf(owner, 'panel list')).to.contain('Make one with `/panel create`')
    const screen = await PanelScreen.create(owner, { name: '  Colours  ', description: 'Pick **one**' })
    expect(screen.words).to.contain('Colours').and.contain('Pick **one**').and.contain('no roles yet').and.contain('Draft')
    const again = owner.slash('panel create')
    await again.reply()
    expect(wordsOf(await messageOf(owner.submit(again, { name: 'COLOURS', description: '' })))).to.contain('There is a panel of that name already')
    await PanelScreen.create(german, { name: 'Über uns' })
    expect(await textOf(german, 'panel list')).to.equal('Rollentafeln (2)\n**Colours** · Entwurf · 0 Rollen\n**Über uns** · Entwurf · 0 Rollen\nSeite 1 von 1')
    const offered = await german.autocomplete('panel edit', { name: 'ÜB' }, 'name').reply()
    expect(offered).to.deep.equal({ kind: 'choices', choices: [{ name: 'Über uns', value: 'Über uns' }] })
    expect((await PanelScreen.open(german, 'über UNS')).words).to.contain('Entwurf: noch nicht aufgestellt')
    expect(await textOf(owner, 'panel edit', { name: 'nothing' })).to.contain('`/panel list` shows those there are')
  })

  it('roles are added, edited by a filled-in form, ruled, and removed; back leads back', async () => {
    const screen = await PanelScreen.open(owner, 'colours')
    await screen.press('add')
    await screen.press('main')
    await (await screen.press('add')).choose('add-pick', ['Red', 'Green', 'Blue'].map(role))
    expect(screen.words).to.contain('Added to the panel').and.contain('Roles (3)')
    await (await screen.press('add')).choose('add-pick', [role('Red')])
    expect(screen.words).to.contain('Those roles are on the panel already.')
    await (await screen.press('edit')).choose('edit-pick', [role('Red')])
    expect(await screen.openForm('entry-form')).to.deep.equal({ label: 'Red', emoji: '', description: '', span: '', seats: '' })
    await screen.submit({ label: 'Rot', emoji: '🔴', description: 'Like fire', span: '1h 30m', seats: '2' })
    expect(screen.words).to.contain('Saved.').and.contain('Like fire').and.contain('1 hour 30 minutes').and.contain('0 of 2 seats taken')
    expect(await screen.openForm('entry-form')).to.deep.equal({ label: 'Rot', emoji: '🔴', description: 'Like fire', span: '1h 30m', seats: '2' })
    await screen.submit({ label: 'Rot', emoji: 'no emoji', description: '', span: 'never', seats: '' })
    expect(screen.words).to.contain('That is not an emoji.')
    await screen.openForm('entry-form')
    await screen.submit({ label: 'Rot', emoji: '', description: '', span: '1 fortnight', seats: '' })
    expect(screen.words).to.contain('at least a minute and at most a year')
    await screen.choose('required', [role('Guest')])
    await screen.choose('forbidden', [role('Member')])
    await screen.press('main')
    expect(screen.words).to.contain(`🔴 ${at('Red')} Rot · for 1 hour 30 minutes · 0 of 2 seats taken · needs ${at('Guest')} · not with ${at('Member')}`)
    await (await screen.press('edit')).choose('edit-pick', [role('Red')])
    await screen.choose('required', [])
    await screen.choose('forbidden', [])
    await screen.openForm('entry-form')
    await screen.submit({ label: 'Red', emoji: '🔴', description: 'Like fire', span: '', seats: '' })
    await screen.press('edit', '0')
    await screen.press('main')
    await (await screen.press('remove')).choose('remove-pick', [role('Blue')])
    expect(screen.words).to.contain('Roles (2)').and.not.contain(at('Blue'))
  })

  it('name, style, mode and colour; a preview in which nothing works', async () => {
    const screen = await PanelScreen.open(german, 'colours')
    expect(await screen.openForm('text-form')).to.deep.equal({ name: 'Colours', description: 'Pick **one**' })
    await screen.submit({ name: 'Farben', description: 'Wähle' })
    expect(screen.words).to.contain('Gespeichert.').and.contain('Farben\nWähle')
    await screen.press('style')
    expect(screen.words).to.contain('Menü (bis 125 Rollen)')
    await screen.press('style')
    await (await screen.press('mode')).choose('mode-pick', ['unique'])
    expect(screen.words).to.contain('Eine der Tafel')
    await screen.press('mode')
    expect(await screen.openForm('mode-pick', ['limit'])).to.deep.equal({ min: '0', max: '1' })
    await screen.submit({ min: '2', max: '1' })
    expect(screen.words).to.contain('die obere mindestens 1')
    await screen.press('mode')
    await screen.openForm('mode-pick', ['limit'])
    await screen.submit({ min: '0', max: '2' })
    expect(screen.words).to.contain('Mindestens 0, höchstens 2')
    await screen.press('mode')
    expect(await screen.openForm('limits-form')).to.deep.equal({ min: '0', max: '2' })
    await screen.submit({ min: '0', max: '1' })
    await (await screen.press('mode')).choose('mode-pick', ['toggle'])
    await (await screen.press('color')).choose('color-pick', ['green'])
    expect(screen.message.embeds[0]?.color).to.equal(0x57f287)
    await screen.press('color')
    expect(await screen.openForm('color-form')).to.deep.equal({ color: '57f287' })
    await screen.submit({ color: 'green' })
    expect(screen.words).to.contain('sechs hexadezimale Ziffern')
    await screen.press('color')
    await screen.openForm('color-form')
    await screen.submit({ color: '#102030' })
    expect(screen.message.embeds[0]?.color).to.equal(0x102030)
    for (const style of ['buttons', 'menu']) {
      const preview = await messageOf(german.click(screen.message, partOf(screen.message, 'preview').custom_id))
      expect(preview.id, 'beside the interface').not.to.equal(screen.message.id)
      expect(wordsOf(preview)).to.contain('Vorschau').and.contain('Farben')
      const dead = partsOf(preview)
      expect(dead.every(({ disabled }) => disabled), style).to.equal(true)
      expect(() => german.click(preview, dead[0]!.custom_id!)).to.throw(PeopleRefused, 'disabled')
      expect(wordsOf(await messageOf(forgeClick(fleet.sandbox, { member: german, message: preview }, dead[0]!.custom_id!)))).to.contain('nur eine Vorschau')
      await screen.press('style')
    }
  })

  it('posted, updated in place by every change, moved, posted again when it was deleted, deleted with its message', async () => {
    const screen = await PanelScreen.open(owner, 'farben')
    await screen.press('post')
    const offered = partOf(screen.message, 'post-pick').options!.map(({ label }) => label)
    expect(offered).to.include('#roles')
    await screen.choose('post-pick', [channel('roles')])
    const first = await postedAs('roles', 'Farben')
    expect(partsOf(first).map(({ label }) => label)).to.deep.equal(['Red', 'Green'])
    await screen.again()
    await screen.openForm('text-form')
    await screen.submit({ name: 'Colours', description: 'Pick' })
    const edited = await postedAs('roles', 'Colours')
    expect(edited.id, 'in place').to.equal(first.id)
    await (await screen.press('post')).choose('post-pick', [channel('news')])
    const moved = await postedAs('news', 'Colours')
    await eventually(() => (owner.messages(channel('roles')).some(({ id }) => id === first.id) ? undefined : true))
    owner.deleteMessage(moved)
    await screen.again()
    await screen.press('update')
    const again = await postedAs('news', 'Colours')
    expect(again.id).not.to.equal(moved.id)
    // Whoever looks at the database finds the panel as it stands.
    const found = await fleet.rows.until(async () => {
      const [row] = await fleet.rows.query<{ name: string; message_id: string; labels: string }>(
        `SELECT p.name, p.message_id, (SELECT string_agg(r.label, ',' ORDER BY r.position) FROM role_panel_role r WHERE r.panel_id = p.panel_id) AS labels
         FROM role_panel p WHERE p.panel_id = $1`,
        [screen.panelId],
      )
      return row?.message_id === again.id ? row : undefined
    })
    expect(found).to.deep.include({ name: 'Colours', labels: 'Red,Green' })
    refusable.push(`/messages/${moved.id}`)
    await screen.again()
    await screen.press('delete')
    await screen.again()
    const { panelId } = screen
    await (await screen.press('delete')).press('delete-all')
    expect(screen.words).to.equal('The panel is deleted.')
    expect(await fleet.rows.query('SELECT 1 FROM role_panel WHERE panel_id = $1 UNION ALL SELECT 1 FROM role_panel_role WHERE panel_id = $1', [panelId])).to.deep.equal([])
    await eventually(() => (owner.messages(channel('news')).some(({ id }) => id === again.id) ? undefined : true))
  })

  it('a click gives, the next one takes, in the member’s language; what stands in the way is said', async () => {
    const { screen, message } = await postedPanel('Teams', ['Red', 'Green', 'Guest'])
    expect(await click(member, message, 'role', role('Red'))).to.equal(`Added: ${at('Red')}`)
    expect(member.member().roles, 'it is there when it is said').to.deep.equal([role('Red')])
    expect(await click(member, message, 'role', role('Red'))).to.equal(`Removed: ${at('Red')}`)
    expect(await click(german, message, 'role', role('Green'))).to.equal(`Bekommen: ${at('Green')}`)
    await (await (await screen.again()).press('mode')).choose('mode-pick', ['binding'])
    expect(await click(german, message, 'role', role('Red'))).to.contain('deine erste Wahl auf dieser Tafel bleibt')
    expect(german.member().roles.includes(role('Red'))).to.equal(false)
  })

  it('a menu is filled in for each member, and each menu answers for its own roles', async () => {
    const { screen, message } = await postedPanel('Picks', ['Red', 'Green', 'Guest'])
    await (await screen.again()).press('style')
    const asMenu = await postedAs('roles', 'Picks', (shown) => partsOf(shown).length === 1)
    expect(asMenu.id).to.equal(message.id)
    const eva = guild.addMember({ username: 'eva', roles: [role('Guest'), role('Member')] })
    const menus = await messageOf(eva.click(asMenu, partOf(asMenu, 'open').custom_id))
    const chosen = (shown: APIMessage): readonly string[] => partOf(shown, 'sync').options!.filter((option) => option.default === true).map(({ value }) => value)
    expect(chosen(menus)).to.deep.equal([role('Guest')])
    const told = await messageOf(eva.select(menus, partOf(menus, 'sync').custom_id, [role('Red'), role('Green')]))
    expect(wordsOf(told)).to.equal(`Added: ${at('Red')}, ${at('Green')}\nRemoved: ${at('Guest')}`)
    expect(chosen(told)).to.deep.equal([role('Red'), role('Green')])
    expect(eva.member().roles.toSorted()).to.deep.equal([role('Member'), role('Red'), role('Green')].toSorted())
    const cleared = await messageOf(eva.select(told, partOf(told, 'sync').custom_id, []))
    expect(wordsOf(cleared)).to.contain('Removed:')
    expect(eva.member().roles).to.deep.equal([role('Member')])
    expect(wordsOf(await messageOf(eva.select(cleared, partOf(cleared, 'sync').custom_id, [])))).to.contain('you have what you chose')
  })

  it('two admins at once: each sees the other’s work, and what one removed is told to the other', async () => {
    const { screen: mine } = await postedPanel('Shared', ['Red', 'Green', 'Guest'])
    const theirs = await PanelScreen.open(german, 'shared')
    await (await mine.again()).press('edit')
    await (await theirs.press('remove')).choose('remove-pick', [role('Red')])
    await mine.choose('edit-pick', [role('Red')])
    expect(mine.words).to.contain('That role is not on the panel any more').and.contain('Roles (2)')
    await Promise.all([(await mine.press('add')).choose('add-pick', [role('Blue')]), (await theirs.press('add')).choose('add-pick', [role('Member')])])
    await mine.again()
    expect(mine.words).to.contain(at('Blue')).and.contain(at('Member'))
    await (await theirs.again()).press('delete')
    await theirs.press('delete-panel')
    await mine.press('mode')
    expect(mine.words).to.equal('This panel no longer exists.')
    expect(partsOf(mine.message)).to.deep.equal([])
  })

  it('a message that its panel did not outlive says so, and staff may remove it', async () => {
    const message = await postedAs('roles', 'Shared')
    const button = partsOf(message)[0]!.custom_id!
    expect(wordsOf(await messageOf(member.click(message, button)))).to.equal('This panel no longer exists.')
    const offer = await messageOf(owner.click(message, button))
    expect(wordsOf(offer)).to.contain('Shall I remove it?')
    expect(wordsOf(await messageOf(owner.click(offer, partOf(offer, 'orphan').custom_id)))).to.equal('The message is being removed.')
    await eventually(() => (owner.messages(channel('roles')).some(({ id }) => id === message.id) ? undefined : true))
  })

  it('a role and a channel deleted in between: the click says it, diagnose names it with the fix, a move heals it', async () => {
    const { screen, message } = await postedPanel('Fragile', ['Red', 'Blue'])
    fleet.sandbox.world.roles.remove(guild.id, role('Blue'))
    expect(await click(member, message, 'role', role('Blue'))).to.contain('the role does not exist any more')
    expect(await textOf(owner, 'panel diagnose', { name: 'fragile' })).to.contain(`**Fragile** · ${at('Blue')}: the role was deleted. Remove it from the panel.`)
    await (await (await screen.again()).press('remove')).choose('remove-pick', [role('Blue')])
    const temporary = guild.createChannel({ name: 'short-lived' })
    await (await screen.press('post')).choose('post-pick', [temporary.id])
    await postedAs('short-lived', 'Fragile')
    fleet.sandbox.world.channels.remove(temporary.id)
    refusable.push(temporary.id)
    await (await (await screen.again()).press('mode')).choose('mode-pick', ['unique'])
    await fleet.rows.until(async () => ((await fleet.rows.events()).some(({ kind }) => kind === 'panel-show-failed') ? true : undefined))
    await screen.again()
    expect(screen.words).to.contain('The channel does not exist any more.')
    expect(await textOf(german, 'panel diagnose', { name: 'Fragile' })).to.contain('ihr Kanal wurde gelöscht. Wähle mit „Umstellen“ einen anderen.')
    await (await screen.press('post')).choose('post-pick', [channel('news')])
    await postedAs('news', 'Fragile')
    await fleet.rows.until(async () => ((await screen.again()).words.includes('⚠') ? undefined : true))
    roles.set('Blue', guild.createRole({ name: 'Blue' }).id)
  })

  it('escalation: nobody puts up, clicks or forges what they should not get', async () => {
    const screen = await PanelScreen.create(german, { name: 'Ladder' })
    const botRole = fleet.sandbox.world.roles.list(guild.id).find(({ managed }) => managed)!.id
    const helperAdds = async (id: string): Promise<string> => (await (await screen.press('add')).choose('add-pick', [id])).words
    expect(await helperAdds(role('Boss')), 'above the bot').to.contain('über der höchsten Rolle von Muster')
    expect(await helperAdds(role('Bot’s own')), 'above the editor').to.contain('nicht unter deiner höchsten Rolle')
    expect(await helperAdds(role('Helper')), 'the editor’s own').to.contain('nicht unter deiner höchsten Rolle')
    expect(await helperAdds(botRole), 'of an integration').to.contain('gehört zu einer Integration')
    expect(await helperAdds(guild.id), '@everyone').to.contain('das haben alle')
    expect(screen.words).to.contain('Rollen (0)')

    await (await screen.press('add')).choose('add-pick', [role('Staff'), role('Guest')])
    expect(screen.words, 'dangerous: a second time, with what it carries').to.contain('gefährliche Berechtigungen').and.contain('Kick Members')
    await screen.again()
    expect(screen.words).to.contain('Rollen (1)').and.not.contain(at('Staff'))
    await (await (await screen.press('add')).choose('add-pick', [role('Staff')])).choose('danger-pick', [role('Staff')])
    expect(screen.words).to.contain(`${at('Staff')} Staff · ⚠ gefährlich, bestätigt`)

    await (await screen.press('post')).choose('post-pick', [channel('roles')])
    const message = await postedAs('roles', 'Ladder')
    fleet.sandbox.world.roles.update(guild.id, role('Staff'), { permissions: String(PermissionFlagsBits.Administrator) })
    expect(await click(member, message, 'role', role('Staff')), 'it has become more than was confirmed').to.contain('its permissions have grown')
    fleet.sandbox.world.roles.setPosition(guild.id, role('Guest'), 60)
    expect(await click(member, message, 'role', role('Guest')), 'moved above the bot since').to.contain('above Muster’s own highest role')
    expect(await textOf(owner, 'panel diagnose')).to.contain('it stands at position 60, Muster’s highest role').and.contain('permissions that nobody confirmed: Administrator')
    fleet.sandbox.world.roles.setPosition(guild.id, role('Guest'), 43)

    const { panelId } = screen
    const forged = async (who: MemberDriver, id: string): Promise<string> => wordsOf(await messageOf(forgeClick(fleet.sandbox, { member: who, message }, id)))
    expect(await forged(member, `panel:role:${guild.id}:${panelId}:${role('Boss')}`), 'a role that is not on it').to.contain('not on this panel any more')
    const elsewhere = fleet.sandbox.people.createGuild({ name: 'elsewhere' })
    expect(await forged(member, `panel:role:${elsewhere.id}:${panelId}:${role('Red')}`), 'of another server').to.contain('no longer in use')
    const foreign = (await PanelScreen.create(elsewhere.owner(), { name: 'Foreign' })).panelId
    expect(await forged(member, `panel:role:${guild.id}:${foreign}:${role('Red')}`), 'a panel of another server').to.equal('This panel no longer exists.')
    expect(await forged(owner, `panel-edit:delete-all:${guild.id}:${foreign}`), 'a panel of another server').to.equal('This panel no longer exists.')
    expect(await textOf(elsewhere.owner(), 'panel list')).to.contain('**Foreign**')
    for (const id of ['nowhere', 'constructor', '__proto__'].map((one) => `panel:role:${guild.id}:${one}:${role('Red')}`)) {
      expect(await forged(member, id), id).to.match(/no longer exists|no longer in use/)
    }
    expect(await forged(member, `panel-edit:delete-all:${guild.id}:${panelId}`), 'without the permission').to.contain('Manage Roles')
    for (const action of ['constructor', 'unknown']) expect(await forged(owner, `panel-edit:${action}:${guild.id}:${panelId}`), action).to.contain('no longer in use')
    expect(await forged(owner, `panel-edit:entry-form:${guild.id}:${panelId}`)).to.contain('not on the panel any more')
    expect(await forged(owner, `panel-edit:orphan:${guild.id}:zzz:${message.channel_id}:${message.id}`), 'not a message of that panel').to.contain('being removed')
    await fleet.rows.until(async () => ((await fleet.rows.query(`SELECT 1 FROM outbox WHERE kind = 'remove-message' AND last_error LIKE '%not one of this panel%'`)).length > 0 ? true : undefined))
    expect(owner.messages(channel('roles')).some(({ id }) => id === message.id)).to.equal(true)
    expect(member.member().roles).to.deep.equal([])

    owner.takeRole(german.userId, role('Helper'))
    const lost = await messageOf(german.click(screen.message, partOf(screen.message, 'mode').custom_id))
    expect(wordsOf(lost), 'lost Manage Roles between two clicks').to.contain('„Rollen verwalten“')
    owner.giveRole(german.userId, role('Helper'))
  })

  it('/config audit-channel and show, /ping, /about, /help, in both languages', async () => {
    expect(() => member.slash('config show')).to.throw(PeopleRefused)
    expect(await textOf(owner, 'config audit-channel', { channel: channel('audit') })).to.contain(`told in <#${channel('audit')}>`)
    const { message } = await postedPanel('Audited', ['Red', 'Green'])
    for (let index = 0; index < 10; index += 1) await click(member, message, 'role', role('Red'))
    const audit = await eventually(() => owner.messages(channel('audit')).find(({ embeds }) => embeds.length === 10))
    expect(audit.embeds[0]).to.deep.include({ title: 'Role added', color: 0x57f287, description: `<@${member.userId}> · Audited\nAdded: ${at('Red')}` })
    expect(audit.embeds[1]).to.deep.include({ title: 'Role removed', color: 0xed4245 })
    const shown = await textOf(owner, 'config show')
    expect(shown).to.contain(`Audit channel: <#${channel('audit')}>`).and.contain('Role panels:').and.contain('Voice attendance:').and.contain('Signing:')
    owner.setLocale('de')
    expect(await textOf(owner, 'config show')).to.contain('Protokoll der Rollen').and.contain('Anwesenheit in Sprachkanälen')
    owner.setLocale('en-US')
    expect(await textOf(owner, 'config audit-channel')).to.equal('Role changes are told nowhere any more.')
    expect(await textOf(german, 'ping')).to.match(/Gateway: .*\nREST: \d+ ms\nDatenbank: \d+ ms/)
    expect(await textOf(german, 'about')).to.contain('Anwesenheit, die du beweisen kannst')
    expect(await textOf(member, 'help')).to.contain('`/leaderboard`').and.not.contain('/panel')
    expect(await textOf(german, 'help')).to.contain('`/tafel neu`')
  })

  it('an interaction that is delivered twice is applied once', async () => {
    const { message } = await postedPanel('Twice', ['Red', 'Green'])
    const faye = guild.addMember({ username: 'faye' })
    fleet.sandbox.faults.duplicateDispatch({ t: 'INTERACTION_CREATE', guildId: guild.id, copies: 3 })
    expect(await click(faye, message, 'role', role('Red'))).to.equal(`Added: ${at('Red')}`)
    const changes = await fleet.rows.query<{ count: string }>(`SELECT count(*) AS count FROM journal WHERE payload LIKE '%role-change-begun%' AND payload LIKE $1`, [`%${faye.userId}%`])
    expect(changes[0]?.count).to.equal('1')
    expect(faye.member().roles).to.deep.equal([role('Red')])
  })

  it('a role change that fails half-way ends as it was meant: answers lost, 500s, a 429', async () => {
    const message = await postedAs('roles', 'Twice')
    const route = '/guilds/{guild_id}/members/{user_id}/roles/{role_id}'
    const hugo = guild.addMember({ username: 'hugo' })
    refusable.push(`/members/${hugo.userId}/roles/`)
    fleet.sandbox.faults.failNext({ method: 'PUT', route, times: 6, status: 500, afterEffect: true })
    expect(await click(hugo, message, 'role', role('Red')), 'it took effect, and the answer was lost').to.equal(`Added: ${at('Red')}`)
    fleet.sandbox.faults.failNext({ method: 'DELETE', route, times: 6, status: 502 })
    expect(await click(hugo, message, 'role', role('Red'))).to.equal(`Removed: ${at('Red')}`)
    fleet.sandbox.faults.rateLimitNext({ method: 'PUT', route, retryAfterMs: 1_700 })
    expect(await click(hugo, message, 'role', role('Green')), 'deferred meanwhile').to.equal(`Added: ${at('Green')}`)
    expect(hugo.member().roles).to.deep.equal([role('Green')])
  })

  it('125 roles with the longest words in five menus: posted, opened, chosen, without one refusal', async () => {
    const many = Array.from({ length: 125 }, (_, index) => guild.createRole({ name: `R${index} `.padEnd(100, 'x') }).id)
    const screen = await PanelScreen.create(owner, { name: 'N'.repeat(100), description: 'd'.repeat(4_000) })
    await screen.press('style')
    for (let from = 0; from < many.length; from += 25) await (await (await screen.again()).press('add')).choose('add-pick', many.slice(from, from + 25))
    expect(screen.words).to.contain('Roles (125)')
    await (await screen.press('add')).choose('add-pick', [role('Red')])
    expect(screen.words).to.contain('at most 125 roles')
    await (await screen.again()).press('edit')
    for (const page of ['1', '2', '3', '4']) await screen.press('edit', page)
    await screen.choose('edit-pick', [many[100]!])
    await screen.openForm('entry-form')
    await screen.submit({ label: 'L'.repeat(80), emoji: '<:longestname:123456789012345678>', description: 'D'.repeat(100), span: '52w', seats: '1000' })
    await (await (await screen.again()).press('post')).choose('post-pick', [channel('news')])
    const message = await postedAs('news', 'N'.repeat(100))
    const ivy = guild.addMember({ username: 'ivy', roles: [many[7]!] })
    const menus = await messageOf(ivy.click(message, partOf(message, 'open').custom_id))
    expect(partsOf(menus).map(({ options }) => options?.length)).to.deep.equal([25, 25, 25, 25, 25])
    const wanted = many.slice(100, 125)
    const told = await messageOf(ivy.select(menus, partOf(menus, 'sync', '4').custom_id, wanted))
    expect(wordsOf(told)).to.contain('Added:')
    expect(ivy.member().roles.toSorted(), 'the other menus’ roles stay').to.deep.equal([many[7]!, ...wanted].toSorted())
    expect(partOf(told, 'sync', '4').options?.every((option) => option.default)).to.equal(true)
  })

  it('nothing wears out: a day and a restart later every button, menu, page and open form of yesterday works', async () => {
    const { screen: main, message: posted } = await postedPanel('Yesterday', ['Red', 'Green', 'Guest'])
    await main.again()
    const open = (): Promise<PanelScreen> => PanelScreen.open(owner, 'yesterday')
    const [picking, entry, moving, danger, deleting] = await Promise.all([open(), open(), open(), open(), open()])
    await picking.press('remove')
    await (await entry.press('edit')).choose('edit-pick', [role('Red')])
    await entry.openForm('entry-form')
    await moving.press('post')
    await (await danger.press('add')).choose('add-pick', [role('Staff')])
    await deleting.press('delete')
    const long = await PanelScreen.open(owner, 'N'.repeat(100))
    await (await long.press('edit')).press('edit', '1')
    for (let index = 0; index < 15; index += 1) await PanelScreen.create(owner, { name: `Page filler ${index}` })
    const list = await messageOf(owner.slash('panel list'))
    const menu = await postedAs('news', 'N'.repeat(100))
    const jo = guild.addMember({ username: 'jo' })
    const menus = await messageOf(jo.click(menu, partOf(menu, 'open').custom_id))

    await fleet.stopProcesses()
    discordClock.forward(dayMs)
    await time.forward(dayMs)
    fleet.startManager()
    await fleet.whenReady()

    expect(await click(jo, posted, 'role', role('Green')), 'a panel').to.equal(`Added: ${at('Green')}`)
    const offered = partOf(menus, 'sync').options!.map(({ value }) => value)
    expect(wordsOf(await messageOf(jo.select(menus, partOf(menus, 'sync').custom_id, [offered[3]!]))), 'menus of a member').to.equal(`Added: <@&${offered[3]!}>`)
    expect(wordsOf(await messageOf(owner.click(list, partOf(list, 'next').custom_id))), 'a page of the list').to.contain('Page 2 of 2')
    await long.press('edit', '2')
    expect(partOf(long.message, 'edit-pick').options, 'a page of a menu').to.have.length(25)
    await main.press('mode')
    expect(main.words, 'the edit interface').to.contain('What does a click do?')
    await entry.submit({ label: 'Crimson', emoji: '', description: '', span: '', seats: '' })
    expect(entry.words, 'a form that was left open').to.contain('Saved.').and.contain('Crimson')
    await danger.choose('danger-pick', [role('Staff')])
    expect(danger.words, 'a second confirmation').to.contain(at('Staff'))
    await picking.choose('remove-pick', [role('Guest')])
    expect(picking.words, 'a menu').to.contain('Saved.').and.not.contain(at('Guest'))
    await moving.choose('post-pick', [channel('news')])
    const moved = await postedAs('news', 'Yesterday')
    expect(partsOf(moved).map(({ label }) => label)).to.deep.equal(['Crimson', 'Green', 'Staff'])
    // Deleted before that is noted it would be removed from both places, and is no more in the first.
    await fleet.rows.until(async () => ((await fleet.rows.query('SELECT 1 FROM role_panel WHERE message_id = $1', [moved.id])).length > 0 ? true : undefined))
    await deleting.press('delete-all')
    expect(deleting.words, 'a question').to.equal('The panel is deleted.')
    expect(wordsOf(await messageOf(owner.click(main.message, partOf(main.message, 'main').custom_id))), 'and what is gone says so').to.equal('This panel no longer exists.')
  })
})
