/**
 * What people read about their signing key and about records, in English. Each refusal says what to do.
 */
import type { SigningPolicy } from '../../actors/protocol/signing.ts'

const passphraseWarning =
  'Whoever runs this bot cannot read this passphrase and cannot recover it. Without it, records of this server can never ' +
  'be signed again after signing was locked: write it down where you will find it.'

const policies: Record<SigningPolicy, string> = {
  queue: 'records wait, in order, and are signed when signing is unlocked',
  drop: 'records are counted as unsigned and never signed',
}

export const englishSigning = {
  modes: {
    cluster: 'cluster: the bot unlocks it by itself, through every restart',
    passphrase: 'passphrase: you unlock it; nobody can recover a lost passphrase',
  },
  unknownMode: (given: string) => `"${given}" is not a mode. Choose cluster or passphrase.`,
  clusterAlready: (keyId: string) => `This server’s key \`${keyId}\` is in cluster mode already. To replace it use \`/admin rotate-keys\`.`,
  passphraseAlready: 'This server’s key has a passphrase already. To replace the key and its passphrase use `/admin rotate-keys`.',
  generateFirst: 'This server has no signing key yet. Make one with `/admin generate-keys`, or let its first record make one.',
  unlockFirst: 'Signing is locked, and a new key must be signed by the one it follows. Unlock it with `/admin unlock-signing`, then try again.',
  changedMeanwhile: 'The signing key was changed by somebody else in the meantime. Look at it with `/admin public-key`, then try again.',
  notInPassphraseMode:
    'This server signs in cluster mode: there is no passphrase, and signing is never locked. `/admin generate-keys` with the mode passphrase changes that.',
  passphraseWarning,

  formTitle: 'Passphrase of the signing key',
  newPassphrase: 'New passphrase',
  newPassphraseHint: (lengthMin: number) => `At least ${lengthMin} characters. Nobody can recover it: write it down.`,
  again: 'The same again',
  againHint: 'So that no slip of a finger locks your records.',
  unlockTitle: 'Unlock signing',
  passphrase: 'Passphrase',
  passphraseHint: 'The one you chose with /admin generate-keys. Five tries a minute.',

  notTheSame: 'The two passphrases are not the same. Nothing was changed; please try again.',
  tooShort: (length: number, lengthMin: number) =>
    `The passphrase has ${length} characters; it needs at least ${lengthMin}. Several words are easier to remember than one.`,
  tooLong: (lengthMax: number) => `The passphrase is longer than ${lengthMax} characters. Choose a shorter one.`,
  tooManyAttempts: (seconds: number) => `Too many passphrases were tried in this server. Please wait ${seconds} seconds.`,
  deskBusy: 'Too many passphrases are being checked right now. Please try again in a few seconds.',
  wrongPassphrase: 'That is not the passphrase of this server’s signing key. Signing stays locked; you may try again.',

  keyMade: (keyId: string, isPassphrase: boolean, predecessor: string | null) => {
    const how = isPassphrase ? `It is unlocked now. ${passphraseWarning}` : 'It is unlocked by the bot itself, through every restart.'
    const before = predecessor === null ? '' : ` The key before it (\`${predecessor}\`) signed the change; records it signed stay valid.`
    return `New signing key \`${keyId}\`. ${how}${before} Keep a copy of the public half: \`/admin public-key\`.`
  },
  locked: 'Signing is locked. Records are still taken; `/admin signing-policy` says what becomes of them until `/admin unlock-signing`.',
  lockedAlready: 'Signing was locked already. Unlock it with `/admin unlock-signing`.',
  unlocked: (waiting: number) =>
    `Signing is unlocked. ${waiting === 0 ? 'No record is waiting.' : `${waiting} ${waiting === 1 ? 'record is' : 'records are'} being signed now, in order.`}`,
  unlockedAlready: 'Signing is unlocked already.',

  rotateQuestion: (keyId: string, asksPassphrase: boolean) =>
    `Replace the signing key \`${keyId}\`? Records it signed stay valid, later ones are signed by the new key. This cannot be undone.` +
    (asksPassphrase ? ` You will be asked for a new passphrase. ${passphraseWarning}` : ''),
  rotateConfirm: 'Replace the key',

  policies,
  unknownPolicy: (given: string, allowed: string) => `"${given}" is not a policy. Choose one of: ${allowed}.`,
  policySet: (policy: SigningPolicy, previous: SigningPolicy) =>
    previous === policy
      ? `While signing is locked, the policy was already **${policy}**: ${policies[policy]}.`
      : `While signing is locked, the policy is now **${policy}**: ${policies[policy]}. It was ${previous}.`,
}

export const englishAnnouncements = {
  lockedTitle: 'Signing is locked',
  lockedBy: (member: string) => `Locked by ${member}.`,
  lockForgotten: 'Nobody locked it: everything was restarted, or Redis forgot, and the passphrase must be entered again with `/admin unlock-signing`.',
  whileLocked: (policy: SigningPolicy) => `Until it is unlocked: ${policies[policy]}.`,
  unlockedTitle: 'Signing is unlocked',
  unlockedBy: (member: string) => `Unlocked by ${member}.`,
  waiting: (count: number) => `${count} ${count === 1 ? 'record that waited is' : 'records that waited are'} being signed now, in order.`,
  exportTitle: 'Records were exported',
  exported: (from: number, to: number) => `Records ${from} to ${to}. This message keeps how far the chain had come: what is exported later must agree with it.`,
}

export const englishErasure = {
  oneOfTwo: 'Say whose records (`member`) or which record (`record-id`), one of the two.',
  notARecordId: 'A record id has 36 characters, like `0190b3f4-5c1e-7a2b-8d3e-4f5061728394`. Copy it from the link of the record.',
  question: (what: string) =>
    `Erase ${what}? What the records say is deleted for good. Their hashes and signatures stay, so that the chain of this server can still be checked, and their pages say that they were erased. ` +
    'Boards of closed periods keep the total of each member. Keep nothing that you may need: this cannot be undone.',
  ofMember: (member: string) => `every voice session and attendance of ${member}`,
  oneRecord: (recordId: string) => `the record \`${recordId}\``,
  confirm: 'Erase',
  erased: (count: number) => `${count} ${count === 1 ? 'record is' : 'records are'} erased.`,
  waits: (count: number) => `${count} ${count === 1 ? 'record is' : 'records are'} marked: signing is locked, and what they say goes when it is unlocked with \`/admin unlock-signing\`.`,
  none: 'There is nothing to erase: no signed or waiting record of this server is meant.',
  notVerified: (count: number) => ` ${count} ${count === 1 ? 'record does' : 'records do'} not verify and ${count === 1 ? 'was' : 'were'} left as evidence; tell whoever runs this bot.`,
  moreLeft: ' There are more: run the command again for the rest.',
  locked: 'Signing is locked and drops what is finished, so nothing could sign the erasure. Unlock it with `/admin unlock-signing`, then try again.',
}

export const englishSecrets = {
  attendanceSet: (secret: string, address: string) =>
    `This is the new secret for \`POST ${address}/webhooks/attendance\`; it is shown this once:\n\`${secret}\`\n` +
    'Send it as the header `x-webhook-secret`. The one before is no longer taken.',
  attendanceRemoved: 'No attendance is taken from other systems any more: the secret is forgotten.',
  deliveriesSet: (secret: string) =>
    `This is the new secret that signs deliveries; it is shown this once:\n\`${secret}\`\nDeliveries that are on their way already carry the old one.`,
  deliveriesRemove: 'Deliveries are always signed. To end them use `/admin webhook action:remove`.',
  purposes: {
    attendance: 'attendance from other systems',
    deliveries: 'deliveries to your own address (/admin webhook)',
  },
}

export const englishVersion1 = {
  set: (isOn: boolean): string => (isOn ? 'Voice sessions and periods are now signed in AttendiBot’s form (signing version 1) as well, beside version 2.' : 'Records are now signed in version 2 alone. What was signed in version 1 before stays valid.'),
  already: (isOn: boolean): string => (isOn ? 'Records were signed in both versions already.' : 'Records were signed in version 2 alone already.'),
}

export const englishRecords = {
  key: (keyId: string, firstSequence: number) => `Key \`${keyId}\`, signing from record ${firstSequence} on.`,
  keyMadeAt: (at: string) => `Made ${at}.`,
  olderKeys: (count: number) => `Keys before it: ${count}, still good for what they signed.`,
  keyFingerprint: 'SHA-256 of the key file',
  allKeys: (link: string) => `All keys of this server: ${link}`,
  notASessionId: 'A session id has 36 characters, like `0190b3f4-5c1e-7a2b-8d3e-4f5061728394`. Copy it from the link of the record.',
  noSession: 'No session has this id. Copy it from the link of the record.',
  notAPeriod: 'Periods are numbered from 1.',
  noPeriod: (index: number) => `There is no signed record of period ${index}. A period is signed when it ends; a period that is running has no record yet.`,
  waiting: 'This record is not signed yet: signing was locked when it was finished. It is signed, in order, after `/admin unlock-signing`.',
  elsewhere: (guild: string) => ` It belongs to another server (\`${guild}\`).`,
  see: (link: string) => `See for yourself: ${link}`,
  notValid: (reason: string) => `**Not valid**: ${reason}.`,
  valid: (sequence: number) => `**Valid**: record ${sequence} was made under the server’s key and was not changed.`,
  amended: ' A later record amends it: what it says is no longer how things stand.',
}
