/**
 * What people read about their signing key and about records, in German.
 */
import type { Texts } from './texts.ts'

const passphraseWarning =
  'Wer diesen Bot betreibt, kann diese Passphrase nicht lesen und nicht wiederherstellen. Ohne sie lässt sich auf diesem ' +
  'Server nach dem Sperren nie wieder etwas unterschreiben: schreibe sie dort auf, wo du sie wiederfindest.'

const policies: Texts['signing']['policies'] = {
  queue: 'Urkunden warten der Reihe nach und werden nach dem Entsperren unterschrieben',
  drop: 'Urkunden werden als nicht unterschrieben gezählt und nie unterschrieben',
}

export const germanSigning: Texts['signing'] = {
  modes: {
    cluster: 'cluster: der Bot entsperrt ihn selbst, bei jedem Neustart',
    passphrase: 'passphrase: du entsperrst ihn; eine verlorene Passphrase stellt niemand wieder her',
  },
  unknownMode: (given) => `„${given}“ ist keine Art. Wähle cluster oder passphrase.`,
  clusterAlready: (keyId) => `Der Schlüssel \`${keyId}\` dieses Servers wird schon vom Bot entsperrt (cluster). Ersetzen lässt er sich mit \`/admin rotate-keys\`.`,
  passphraseAlready: 'Der Schlüssel dieses Servers hat schon eine Passphrase. Schlüssel und Passphrase ersetzt `/admin rotate-keys`.',
  generateFirst: 'Dieser Server hat noch keinen Schlüssel zum Unterschreiben. Erzeuge einen mit `/admin generate-keys`, oder die erste Urkunde erzeugt ihn.',
  unlockFirst: 'Das Unterschreiben ist gesperrt, und ein neuer Schlüssel muss von seinem Vorgänger unterschrieben werden. Entsperre mit `/admin unlock-signing` und versuche es dann noch einmal.',
  changedMeanwhile: 'Jemand anders hat den Schlüssel inzwischen geändert. Sieh ihn dir mit `/admin public-key` an und versuche es dann noch einmal.',
  notInPassphraseMode:
    'Dieser Server unterschreibt in der Art cluster: es gibt keine Passphrase, und gesperrt wird nie. `/admin generate-keys` mit der Art passphrase ändert das.',
  passphraseWarning,

  formTitle: 'Passphrase des Schlüssels',
  newPassphrase: 'Neue Passphrase',
  newPassphraseHint: (lengthMin) => `Mindestens ${lengthMin} Zeichen. Niemand stellt sie wieder her: schreibe sie auf.`,
  again: 'Noch einmal dieselbe',
  againHint: 'Damit kein Tippfehler deine Urkunden einsperrt.',
  unlockTitle: 'Unterschreiben entsperren',
  passphrase: 'Passphrase',
  passphraseHint: 'Die von /admin generate-keys. Fünf Versuche in der Minute.',

  notTheSame: 'Die beiden Passphrasen sind nicht gleich. Es wurde nichts geändert; bitte noch einmal versuchen.',
  tooShort: (length, lengthMin) => `Die Passphrase hat ${length} Zeichen und braucht mindestens ${lengthMin}. Mehrere Wörter merkt man sich leichter als eines.`,
  tooLong: (lengthMax) => `Die Passphrase ist länger als ${lengthMax} Zeichen. Wähle eine kürzere.`,
  tooManyAttempts: (seconds) => `Auf diesem Server wurden zu viele Passphrasen probiert. Bitte ${seconds} Sekunden warten.`,
  deskBusy: 'Gerade werden zu viele Passphrasen geprüft. Bitte in ein paar Sekunden noch einmal versuchen.',
  wrongPassphrase: 'Das ist nicht die Passphrase des Schlüssels dieses Servers. Es bleibt gesperrt; du darfst es noch einmal versuchen.',

  keyMade: (keyId, isPassphrase, predecessor) => {
    const how = isPassphrase ? `Er ist jetzt entsperrt. ${passphraseWarning}` : 'Der Bot entsperrt ihn selbst, bei jedem Neustart.'
    const before = predecessor === null ? '' : ` Sein Vorgänger (\`${predecessor}\`) hat den Wechsel unterschrieben; was jener unterschrieben hat, bleibt gültig.`
    return `Neuer Schlüssel \`${keyId}\`. ${how}${before} Bewahre eine Kopie der öffentlichen Hälfte auf: \`/admin public-key\`.`
  },
  locked: 'Das Unterschreiben ist gesperrt. Aufgezeichnet wird weiter; `/admin signing-policy` sagt, was bis `/admin unlock-signing` mit den Urkunden geschieht.',
  lockedAlready: 'Das Unterschreiben war schon gesperrt. Entsperre es mit `/admin unlock-signing`.',
  unlocked: (waiting) =>
    `Das Unterschreiben ist entsperrt. ${waiting === 0 ? 'Keine Urkunde wartet.' : `${waiting} ${waiting === 1 ? 'Urkunde wird' : 'Urkunden werden'} jetzt der Reihe nach unterschrieben.`}`,
  unlockedAlready: 'Das Unterschreiben ist schon entsperrt.',

  rotateQuestion: (keyId, asksPassphrase) =>
    `Den Schlüssel \`${keyId}\` ersetzen? Was er unterschrieben hat, bleibt gültig; Späteres unterschreibt der neue. Das lässt sich nicht rückgängig machen.` +
    (asksPassphrase ? ` Du wirst nach einer neuen Passphrase gefragt. ${passphraseWarning}` : ''),
  rotateConfirm: 'Schlüssel ersetzen',

  policies,
  unknownPolicy: (given, allowed) => `„${given}“ geht hier nicht. Wähle eines von: ${allowed}.`,
  policySet: (policy, previous) =>
    previous === policy
      ? `Solange gesperrt ist, galt schon **${policy}**: ${policies[policy]}.`
      : `Solange gesperrt ist, gilt jetzt **${policy}**: ${policies[policy]}. Vorher galt ${previous}.`,
}

export const germanAnnouncements: Texts['announcements'] = {
  lockedTitle: 'Das Unterschreiben ist gesperrt',
  lockedBy: (member) => `Gesperrt von ${member}.`,
  lockForgotten: 'Niemand hat gesperrt: alles wurde neu gestartet, oder Redis hat vergessen. Die Passphrase muss mit `/admin unlock-signing` neu eingegeben werden.',
  whileLocked: (policy) => `Bis zum Entsperren: ${policies[policy]}.`,
  unlockedTitle: 'Das Unterschreiben ist entsperrt',
  unlockedBy: (member) => `Entsperrt von ${member}.`,
  waiting: (count) => `${count} ${count === 1 ? 'wartende Urkunde wird' : 'wartende Urkunden werden'} jetzt der Reihe nach unterschrieben.`,
  exportTitle: 'Urkunden wurden ausgegeben',
  exported: (from, to) => `Urkunden ${from} bis ${to}. Diese Nachricht hält fest, wie weit die Kette war: was später ausgegeben wird, muss dazu passen.`,
}

export const germanErasure: Texts['erasure'] = {
  oneOfTwo: 'Sage, wessen Urkunden (`member`) oder welche Urkunde (`record-id`), eines von beiden.',
  notARecordId: 'Die Kennung einer Urkunde hat 36 Zeichen, etwa `0190b3f4-5c1e-7a2b-8d3e-4f5061728394`. Kopiere sie aus dem Link der Urkunde.',
  question: (what) =>
    `${what} löschen? Was die Urkunden sagen, ist dann für immer weg. Ihre Hashwerte und Unterschriften bleiben, damit sich die Kette dieses Servers weiter prüfen lässt, und ihre Seiten sagen, dass sie gelöscht wurden. ` +
    'Ranglisten abgeschlossener Zeiträume behalten die Summe jedes Mitglieds. Das lässt sich nicht rückgängig machen.',
  ofMember: (member) => `Alle Sitzungen und Anwesenheiten von ${member}`,
  oneRecord: (recordId) => `Die Urkunde \`${recordId}\``,
  confirm: 'Löschen',
  erased: (count) => `${count} ${count === 1 ? 'Urkunde ist' : 'Urkunden sind'} gelöscht.`,
  waits: (count) => `${count} ${count === 1 ? 'Urkunde ist' : 'Urkunden sind'} vorgemerkt: es ist gesperrt, und was sie sagen, geht mit \`/admin unlock-signing\`.`,
  none: 'Es gibt nichts zu löschen: keine unterschriebene oder wartende Urkunde dieses Servers ist gemeint.',
  notVerified: (count) => ` ${count} ${count === 1 ? 'Urkunde stimmt' : 'Urkunden stimmen'} nicht und ${count === 1 ? 'blieb' : 'blieben'} als Beweis; sage es dem, der diesen Bot betreibt.`,
  moreLeft: ' Es gibt mehr: führe den Befehl für den Rest noch einmal aus.',
  locked: 'Es ist gesperrt, und Fertiges wird verworfen: nichts könnte das Löschen unterschreiben. Entsperre mit `/admin unlock-signing` und versuche es dann noch einmal.',
}

export const germanSecrets: Texts['secrets'] = {
  attendanceSet: (secret, address) =>
    `Das ist das neue Geheimnis für \`POST ${address}/webhooks/attendance\`; es wird nur dieses eine Mal gezeigt:\n\`${secret}\`\n` +
    'Sende es als Kopfzeile `x-webhook-secret`. Das vorige gilt nicht mehr.',
  attendanceRemoved: 'Von anderen Systemen wird keine Anwesenheit mehr angenommen: das Geheimnis ist vergessen.',
  deliveriesSet: (secret) =>
    `Das ist das neue Geheimnis, mit dem Zustellungen unterschrieben werden; es wird nur dieses eine Mal gezeigt:\n\`${secret}\`\nWas schon unterwegs ist, trägt noch das alte.`,
  deliveriesRemove: 'Zustellungen sind immer unterschrieben. Beenden lassen sie sich mit `/admin webhook action:remove`.',
  purposes: {
    attendance: 'Anwesenheit von anderen Systemen',
    deliveries: 'Zustellungen an deine eigene Adresse (/admin webhook)',
  },
}

export const germanVersion1: Texts['version1'] = {
  set: (isOn) => (isOn ? 'Sitzungen und Zeiträume werden jetzt auch in der Form von AttendiBot (Version 1) unterschrieben, neben Version 2.' : 'Urkunden werden jetzt nur noch in Version 2 unterschrieben. Was in Version 1 unterschrieben wurde, bleibt gültig.'),
  already: (isOn) => (isOn ? 'Urkunden wurden schon in beiden Versionen unterschrieben.' : 'Urkunden wurden schon nur in Version 2 unterschrieben.'),
}

export const germanRecords: Texts['records'] = {
  key: (keyId, firstSequence) => `Schlüssel \`${keyId}\`, er unterschreibt ab Urkunde ${firstSequence}.`,
  keyMadeAt: (at) => `Erzeugt ${at}.`,
  olderKeys: (count) => `Schlüssel vor ihm: ${count}, weiter gut für das, was sie unterschrieben haben.`,
  keyFingerprint: 'SHA-256 der Schlüsseldatei',
  allKeys: (link) => `Alle Schlüssel dieses Servers: ${link}`,
  notASessionId: 'Die Kennung einer Sitzung hat 36 Zeichen, etwa `0190b3f4-5c1e-7a2b-8d3e-4f5061728394`. Kopiere sie aus dem Link der Urkunde.',
  noSession: 'Keine Sitzung hat diese Kennung. Kopiere sie aus dem Link der Urkunde.',
  notAPeriod: 'Zeiträume werden ab 1 gezählt.',
  noPeriod: (index) => `Es gibt keine unterschriebene Urkunde des Zeitraums ${index}. Unterschrieben wird ein Zeitraum, wenn er endet; einer, der noch läuft, hat keine.`,
  waiting: 'Diese Urkunde ist noch nicht unterschrieben: es war gesperrt, als sie fertig wurde. Nach `/admin unlock-signing` wird sie der Reihe nach unterschrieben.',
  elsewhere: (guild) => ` Sie gehört zu einem anderen Server (\`${guild}\`).`,
  see: (link) => `Sieh selbst nach: ${link}`,
  notValid: (reason) => `**Nicht gültig**: ${reason}.`,
  valid: (sequence) => `**Gültig**: Urkunde ${sequence} entstand unter dem Schlüssel des Servers und wurde nicht verändert.`,
  amended: ' Eine spätere Urkunde ändert sie: was sie sagt, ist nicht mehr der Stand.',
}
