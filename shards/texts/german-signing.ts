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

export const germanRecords: Texts['records'] = {
  key: (keyId, firstSequence) => `Schlüssel \`${keyId}\`, er unterschreibt ab Urkunde ${firstSequence}.`,
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
