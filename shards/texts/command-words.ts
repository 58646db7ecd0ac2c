/**
 * Names and descriptions of the voice commands, per language. English is what Discord registers; the others go into its
 * own fields for localizations, so that each person types and reads commands in the language of their client.
 *
 * Keys are paths: command, subcommand, option. Names have at most 32 characters, descriptions 100; Discord refuses more.
 * https://docs.discord.com/developers/interactions/application-commands#localization
 */
import { panelWords } from './command-words-panels.ts'
import type { Words } from './words.ts'

export const commandWords = {
  ...panelWords,
  leaderboard: {
    description: 'Shows who spent how much counted time in voice',
    de: { name: 'rangliste', description: 'Zeigt, wer wie viel gezählte Zeit in Sprachkanälen verbracht hat' },
  },
  'leaderboard.period': {
    description: 'Number of a closed period; without it, the running one',
    de: { name: 'zeitraum', description: 'Nummer eines abgeschlossenen Zeitraums; ohne sie der laufende' },
  },
  'leaderboard.page': { description: 'Which page, from 1', de: { name: 'seite', description: 'Welche Seite, ab 1' } },
  mytime: {
    description: 'Shows your time in voice: counted, not counted, and your records',
    de: { name: 'meinezeit', description: 'Zeigt deine Zeit in Sprachkanälen: gezählt, nicht gezählt, und deine Urkunden' },
  },
  stats: { description: 'Shows voice time with a chart', de: { name: 'statistik', description: 'Zeigt Sprachzeit mit einem Bild' } },
  'stats.user': { description: 'Voice time of one member', de: { name: 'mitglied', description: 'Sprachzeit eines Mitglieds' } },
  'stats.user.user': { description: 'Whose', de: { name: 'mitglied', description: 'Wessen' } },
  'stats.channel': { description: 'Voice time in one channel, and when this server is active', de: { name: 'kanal', description: 'Sprachzeit in einem Kanal, und wann hier etwas los ist' } },
  'stats.channel.channel': { description: 'Which voice channel', de: { name: 'kanal', description: 'Welcher Sprachkanal' } },
  admin: { description: 'Settings of voice attendance and of signing', de: { name: 'verwaltung', description: 'Einstellungen der Anwesenheit und des Unterschreibens' } },
  'admin.tracking-mode': { description: 'Chooses in which voice channels time is counted', de: { name: 'zählweise', description: 'Wählt, in welchen Sprachkanälen Zeit gezählt wird' } },
  'admin.tracking-mode.mode': { description: 'off, allowlist, denylist or all', de: { name: 'art', description: 'off, allowlist, denylist oder all' } },
  'admin.track-channel': { description: 'Edits or shows the list that allowlist and denylist read', de: { name: 'kanalliste', description: 'Ändert oder zeigt die Liste, die allowlist und denylist lesen' } },
  'admin.track-channel.action': { description: 'What to do', de: { name: 'aktion', description: 'Was zu tun ist' } },
  'admin.track-channel.channel': { description: 'Which voice or stage channel', de: { name: 'kanal', description: 'Welcher Sprach- oder Stage-Kanal' } },
  'admin.fairness': { description: 'Sets when time does not count; without options it shows the rules', de: { name: 'fairness', description: 'Stellt ein, wann Zeit nicht zählt; ohne Angaben werden die Regeln gezeigt' } },
  'admin.fairness.self-mute': { description: 'Pause while muted by oneself', de: { name: 'selbst-stumm', description: 'Pause, solange jemand sich selbst stumm geschaltet hat' } },
  'admin.fairness.server-mute': { description: 'Pause while muted by the server', de: { name: 'server-stumm', description: 'Pause, solange jemand vom Server stumm geschaltet ist' } },
  'admin.fairness.self-deaf': { description: 'Pause while deafened by oneself', de: { name: 'selbst-taub', description: 'Pause, solange jemand sich selbst taub geschaltet hat' } },
  'admin.fairness.server-deaf': { description: 'Pause while deafened by the server', de: { name: 'server-taub', description: 'Pause, solange jemand vom Server taub geschaltet ist' } },
  'admin.fairness.alone': { description: 'Pause while no other human is in the channel', de: { name: 'allein', description: 'Pause, solange kein anderer Mensch im Kanal ist' } },
  'admin.fairness.afk': { description: 'Pause in the AFK channel of this server', de: { name: 'afk', description: 'Pause im AFK-Kanal dieses Servers' } },
  'admin.fairness.minimum-seconds': { description: 'Discard sessions with less counted time, in seconds', de: { name: 'mindestdauer', description: 'Sitzungen mit weniger gezählter Zeit verwerfen, in Sekunden' } },
  'admin.fairness.minimum-members': { description: 'Count only from this many people in the channel on', de: { name: 'mindestzahl', description: 'Erst ab so vielen Personen im Kanal zählen' } },
  'admin.periods': { description: 'Sets the periods; without options it shows them with the next boundary', de: { name: 'zeiträume', description: 'Stellt die Zeiträume ein; ohne Angaben werden sie gezeigt' } },
  'admin.periods.interval': { description: 'How long a period is', de: { name: 'länge', description: 'Wie lang ein Zeitraum ist' } },
  'admin.periods.anchor': { description: 'By the calendar, or from now on', de: { name: 'anker', description: 'Nach dem Kalender oder ab jetzt' } },
  'admin.periods.time-zone': { description: 'IANA name, such as Europe/Berlin', de: { name: 'zeitzone', description: 'IANA-Name, etwa Europe/Berlin' } },
  'admin.periods.week-start': { description: 'On which day weeks begin', de: { name: 'wochenbeginn', description: 'An welchem Tag Wochen beginnen' } },
  'admin.periods.public-board': { description: 'Whether boards of closed periods are shown to whoever verifies them', de: { name: 'öffentlich', description: 'Ob Ranglisten abgeschlossener Zeiträume jedem gezeigt werden, der sie prüft' } },
  'admin.reset-now': { description: 'Closes the running period early', de: { name: 'jetzt-abschließen', description: 'Schließt den laufenden Zeitraum vorzeitig ab' } },
  'admin.log-channel': { description: 'Chooses text channels that are told what happens', de: { name: 'protokollkanal', description: 'Wählt Textkanäle, in denen steht, was geschieht' } },
  'admin.log-channel.action': { description: 'What to do', de: { name: 'aktion', description: 'Was zu tun ist' } },
  'admin.log-channel.channel': { description: 'Which text channel', de: { name: 'kanal', description: 'Welcher Textkanal' } },
  'admin.log-channel.events': { description: 'What it is told; without it, sessions and periods', de: { name: 'ereignisse', description: 'Was dort steht; ohne Angabe Sitzungen und Zeiträume' } },
  'admin.verified-role': { description: 'Gives a role for counted time (Pro)', de: { name: 'rolle-nach-zeit', description: 'Vergibt eine Rolle für gezählte Zeit (Pro)' } },
  'admin.verified-role.action': { description: 'What to do', de: { name: 'aktion', description: 'Was zu tun ist' } },
  'admin.verified-role.role': { description: 'Which role', de: { name: 'rolle', description: 'Welche Rolle' } },
  'admin.verified-role.minutes': { description: 'From how many minutes of counted time on', de: { name: 'minuten', description: 'Ab wie vielen Minuten gezählter Zeit' } },
  'admin.verified-role.within': { description: 'Within which period', de: { name: 'innerhalb', description: 'In welchem Zeitraum' } },
  'admin.webhook': { description: 'Delivers sessions and periods to an https address, signed (Pro)', de: { name: 'webhook', description: 'Stellt Sitzungen und Zeiträume unterschrieben an eine https-Adresse zu (Pro)' } },
  'admin.webhook.action': { description: 'What to do', de: { name: 'aktion', description: 'Was zu tun ist' } },
  'admin.webhook.url': { description: 'Where to, beginning with https://', de: { name: 'adresse', description: 'Wohin, beginnend mit https://' } },
  'admin.webhook.events': { description: 'What is delivered; without it, everything', de: { name: 'ereignisse', description: 'Was zugestellt wird; ohne Angabe alles' } },
  'admin.generate-keys': { description: 'Makes the key that signs this server’s records, or changes how it is unlocked', de: { name: 'schlüssel-erzeugen', description: 'Erzeugt den Schlüssel, der die Urkunden dieses Servers unterschreibt, oder ändert sein Entsperren' } },
  'admin.generate-keys.mode': { description: 'cluster or passphrase', de: { name: 'art', description: 'cluster oder passphrase' } },
  'admin.unlock-signing': { description: 'Unlocks signing with the passphrase; waiting records are then signed in order', de: { name: 'entsperren', description: 'Entsperrt das Unterschreiben mit der Passphrase; wartende Urkunden folgen der Reihe nach' } },
  'admin.lock-signing': { description: 'Locks signing until the passphrase is entered again', de: { name: 'sperren', description: 'Sperrt das Unterschreiben, bis die Passphrase wieder eingegeben wird' } },
  'admin.rotate-keys': { description: 'Replaces the signing key; the old one signs the change and its records stay valid', de: { name: 'schlüssel-ersetzen', description: 'Ersetzt den Schlüssel; der alte unterschreibt den Wechsel, seine Urkunden bleiben gültig' } },
  'admin.signing-policy': { description: 'Chooses what becomes of records while signing is locked', de: { name: 'wenn-gesperrt', description: 'Wählt, was mit Urkunden geschieht, solange gesperrt ist' } },
  'admin.signing-policy.policy': { description: 'queue or drop', de: { name: 'regel', description: 'queue oder drop' } },
  'admin.signing-version-1': { description: 'Signs voice sessions and periods in AttendiBot’s form as well', de: { name: 'signatur-version-1', description: 'Unterschreibt Sitzungen und Zeiträume auch in der Form von AttendiBot' } },
  'admin.signing-version-1.enabled': { description: 'Whether it does', de: { name: 'an', description: 'Ob es geschieht' } },
  'admin.erase-records': { description: 'Erases what records say, on a member’s request; hashes and signatures stay', de: { name: 'urkunden-löschen', description: 'Löscht auf Wunsch eines Mitglieds, was Urkunden sagen; Hashwerte und Unterschriften bleiben' } },
  'admin.erase-records.member': { description: 'Whose: every voice session and attendance', de: { name: 'mitglied', description: 'Wessen: alle Sitzungen und Anwesenheiten' } },
  'admin.erase-records.record-id': { description: 'Which one, as its link has it', de: { name: 'kennung', description: 'Welche eine, wie es in ihrem Link steht' } },
  'admin.webhook-secret': { description: 'Makes a new secret for webhooks, and shows it once', de: { name: 'webhook-geheimnis', description: 'Erzeugt ein neues Geheimnis für Webhooks und zeigt es einmal' } },
  'admin.webhook-secret.purpose': { description: 'Whose: what comes in, or what goes out', de: { name: 'zweck', description: 'Wofür: was hereinkommt, oder was hinausgeht' } },
  'admin.webhook-secret.action': { description: 'What to do; without it, a new one', de: { name: 'aktion', description: 'Was zu tun ist; ohne Angabe ein neues' } },
  'admin.public-key': { description: 'Shows the public half of the key that signs this server’s records', de: { name: 'öffentlicher-schlüssel', description: 'Zeigt die öffentliche Hälfte des Schlüssels, der hier unterschreibt' } },
  'admin.verify-session': { description: 'Checks the record of one voice session', de: { name: 'sitzung-prüfen', description: 'Prüft die Urkunde einer Sitzung' } },
  'admin.verify-session.session-id': { description: 'The id of the session, as its link has it', de: { name: 'kennung', description: 'Die Kennung der Sitzung, wie sie im Link steht' } },
  'admin.verify-period': { description: 'Checks the record of a finished period', de: { name: 'zeitraum-prüfen', description: 'Prüft die Urkunde eines abgeschlossenen Zeitraums' } },
  'admin.verify-period.period': { description: 'Number of the period, from 1', de: { name: 'zeitraum', description: 'Nummer des Zeitraums, ab 1' } },
} as const satisfies Record<string, Words>

export type CommandPath = keyof typeof commandWords

/** Name, description and their localizations for a definition: the name is the last part of the path. */
export function wordsOf(path: CommandPath) {
  const { description, de } = commandWords[path]
  return {
    name: path.slice(path.lastIndexOf('.') + 1),
    description,
    name_localizations: { de: de.name },
    description_localizations: { de: de.description },
  }
}

/** A choice whose words are in both languages; its value never changes with them. */
export function choiceOf<Value extends string>(value: Value, words: { readonly english: string; readonly german: string }) {
  return { name: words.english.slice(0, 100), name_localizations: { de: words.german.slice(0, 100) }, value }
}
