/**
 * Makes the pictures of docs/role-panels.md from what the sandbox holds after an admin and a member have acted:
 * `node --import tsx test/support/draw-panel-pictures.ts [folder]`.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { APIMessage } from 'discord-api-types/v10'
import { drawMessage } from './draw-message.ts'
import { startFleet } from './fleet-processes.ts'
import { PanelScreen, messageOf, partOf, partsOf } from './panel-screen.ts'
import { mochaGlobalTeardown } from './servers.ts'

const folder = process.argv[2] ?? 'docs/pictures'
const fleet = await startFleet({ sandbox: { restLimits: { bucketFactor: 100 } }, shardCount: 1, processCount: 1, environment: { LOG_LEVEL: 'warn' } })
try {
  const guild = fleet.sandbox.people.createGuild({ name: 'Riverside School', textChannels: ['roles', 'audit'] })
  const names = new Map<string, string>()
  const role = (name: string, permissions = '0'): string => {
    const { id } = guild.createRole({ name, permissions })
    names.set(`<@&${id}>`, `@${name}`)
    return id
  }
  const roles = { chess: role('Chess'), sailing: role('Sailing'), workshop: role('Workshop'), helper: role('Helper', '2') }
  for (const channel of ['roles', 'audit']) names.set(`<#${guild.channel(channel).id}>`, `#${channel}`)
  // A client counts down in words of its own.
  const nameOf = (text: string): string => text.replaceAll(/<(?:@&|#|@)\d+>/g, (mention) => names.get(mention) ?? mention).replaceAll(/<t:\d+:R>/g, 'in 5 minutes')
  fleet.startManager()
  await fleet.whenReady()
  const owner = guild.owner()
  const ada = guild.addMember({ username: 'ada', globalName: 'Ada' })
  names.set(`<@${ada.userId}>`, '@Ada')
  const draw = async (name: string, message: APIMessage, isEphemeral = true): Promise<void> => writeFile(join(folder, `panel-${name}.png`), drawMessage({ message, isEphemeral, nameOf }))
  const posted = (channel: string, fits: (message: APIMessage) => boolean): Promise<APIMessage> =>
    fleet.rows.until(() => Promise.resolve(owner.messages(guild.channel(channel).id).find(fits)))

  await messageOf(owner.slash('config audit-channel', { channel: guild.channel('audit').id }))
  const screen = await PanelScreen.create(owner, { name: 'Clubs', description: 'Which clubs are you in? Click to join, click again to leave.' })
  await (await screen.press('add')).choose('add-pick', [roles.chess, roles.sailing, roles.workshop, roles.helper])
  await draw('danger', screen.message)
  await screen.press('main')
  // Emoji that fonts without colours have, too.
  const words = [[roles.chess, '♟️', 'Tuesdays at four', '', ''], [roles.sailing, '⚓', 'Thursdays at three', '', ''], [roles.workshop, '⚙️', 'Twelve benches', '2w', '12']] as const
  for (const [id, emoji, description, span, seats] of words) {
    await (await screen.press('edit')).choose('edit-pick', [id])
    await screen.openForm('entry-form')
    await screen.submit({ label: names.get(`<@&${id}>`)?.slice(1) ?? '', emoji, description, span, seats })
    if (id === roles.workshop) await draw('entry', screen.message)
    await screen.press('main')
  }
  await (await screen.press('post')).choose('post-pick', [guild.channel('roles').id])
  const isPanel = (message: APIMessage): boolean => partsOf(message).some(({ custom_id: id }) => id?.startsWith('panel:') === true)
  const panel = await posted('roles', isPanel)
  await draw('buttons', panel, false)
  await draw('editor', (await screen.again()).message)
  await draw('added', await messageOf(ada.click(panel, partOf(panel, 'role', roles.workshop).custom_id)))
  // Three hundred before her, all of them waiting for a Discord that is slow.
  fleet.sandbox.faults.delayRequests({ method: 'PUT', route: '/guilds/{guild_id}/members/{user_id}/roles/{role_id}', delayMs: 20_000 })
  const crowd = Array.from({ length: 312 }, (_, index) => guild.addMember({ username: `m${index}` }).click(panel, partOf(panel, 'role', roles.chess).custom_id))
  await Promise.all(crowd.map((handle) => handle.acknowledged()))
  await draw('behind', await messageOf(guild.addMember({ username: 'eva' }).click(panel, partOf(panel, 'role', roles.chess).custom_id)))
  fleet.sandbox.faults.clear()
  await screen.press('style')
  const asMenu = await posted('roles', (message) => isPanel(message) && partsOf(message).length === 1)
  const menus = await messageOf(ada.click(asMenu, partOf(asMenu, 'open').custom_id))
  await draw('menus', await messageOf(ada.select(menus, partOf(menus, 'sync').custom_id, [roles.chess, roles.sailing])))
  await draw('audit', await posted('audit', ({ embeds }) => embeds.length > 0), false)
} finally {
  await fleet.stop()
  await mochaGlobalTeardown()
}
