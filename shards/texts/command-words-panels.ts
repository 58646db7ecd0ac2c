/**
 * Names and descriptions of the commands of role panels, and of those that tell about the bot.
 */
import type { Words } from './words.ts'

export const panelWords = {
  panel: { description: 'Role panels: messages where members pick their roles', de: { name: 'tafel', description: 'Rollentafeln: Nachrichten, in denen Mitglieder ihre Rollen wählen' } },
  'panel.create': { description: 'Makes a new panel', de: { name: 'neu', description: 'Macht eine neue Tafel' } },
  'panel.list': { description: 'Lists the panels of this server', de: { name: 'liste', description: 'Zeigt die Tafeln dieses Servers' } },
  'panel.edit': { description: 'Changes a panel: roles, looks, rules, place', de: { name: 'bearbeiten', description: 'Ändert eine Tafel: Rollen, Aussehen, Regeln, Ort' } },
  'panel.edit.name': { description: 'Which panel', de: { name: 'name', description: 'Welche Tafel' } },
  'panel.diagnose': { description: 'Tells what keeps panels from working, and how it is put right', de: { name: 'prüfen', description: 'Sagt, was Tafeln am Arbeiten hindert, und wie man es behebt' } },
  'panel.diagnose.name': { description: 'Which panel; without it, all', de: { name: 'name', description: 'Welche Tafel; ohne Angabe alle' } },
  config: { description: 'Settings of this server', de: { name: 'einstellungen', description: 'Einstellungen dieses Servers' } },
  'config.audit-channel': { description: 'Chooses where role changes are told; without a channel, nowhere', de: { name: 'rollenprotokoll', description: 'Wählt, wo Rollenwechsel stehen; ohne Kanal nirgends' } },
  'config.audit-channel.channel': { description: 'Which text or announcement channel', de: { name: 'kanal', description: 'Welcher Text- oder Ankündigungskanal' } },
  'config.show': { description: 'Shows all settings of this server', de: { name: 'zeigen', description: 'Zeigt alle Einstellungen dieses Servers' } },
  help: { description: 'Lists the commands that you may use', de: { name: 'hilfe', description: 'Zeigt die Befehle, die du benutzen darfst' } },
  ping: { description: 'Shows how fast gateway, REST and database answer', de: { name: 'ping', description: 'Zeigt, wie schnell Gateway, REST und Datenbank antworten' } },
  about: { description: 'Shows the version, the shard and the process that serves this server', de: { name: 'über', description: 'Zeigt Fassung, Shard und Prozess, die diesem Server dienen' } },
} as const satisfies Record<string, Words>
