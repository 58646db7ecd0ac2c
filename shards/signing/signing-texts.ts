/**
 * What people read about their signing key. Each refusal says what to do.
 */
import type { SigningReply } from '../../actors/protocol/signing.ts'
import type { Unlocked } from './signing-desk.ts'

export const passphraseLengthMin = 12
export const passphraseLengthMax = 200

export const passphraseWarning =
  'Whoever runs this bot cannot read this passphrase and cannot recover it. Without it, records of this server can never ' +
  'be signed again after signing was locked: write it down where you will find it.'

export const generateFirst = 'This server has no signing key yet. Make one with `/admin generate-keys`, or let its first record make one.'
export const unlockFirst = 'Signing is locked, and a new key must be signed by the one it follows. Unlock it with `/admin unlock-signing`, then try again.'
export const changedMeanwhile = 'The signing key was changed by somebody else in the meantime. Look at it with `/admin public-key`, then try again.'
export const notInPassphraseMode =
  'This server signs in cluster mode: there is no passphrase, and signing is never locked. `/admin generate-keys` with the mode passphrase changes that.'

export function passphraseProblem(passphrase: string, again: string): string | null {
  if (passphrase !== again) return 'The two passphrases are not the same. Nothing was changed; please try again.'
  const { length } = passphrase.normalize('NFKC')
  if (length < passphraseLengthMin) return `The passphrase has ${length} characters; it needs at least ${passphraseLengthMin}. Several words are easier to remember than one.`
  return length > passphraseLengthMax ? `The passphrase is longer than ${passphraseLengthMax} characters.` : null
}

export function deskRefusal(refusal: Extract<Unlocked, { kind: 'too-many-attempts' | 'busy' | 'no-passphrase' | 'wrong-passphrase' }>): string {
  switch (refusal.kind) {
    case 'too-many-attempts':
      return `Too many passphrases were tried in this server. Please wait ${Math.ceil(refusal.waitMs / 1000)} seconds.`
    case 'busy':
      return 'Too many passphrases are being checked right now. Please try again in a few seconds.'
    case 'no-passphrase':
      return notInPassphraseMode
    case 'wrong-passphrase':
      return 'That is not the passphrase of this server’s signing key. Signing stays locked; you may try again.'
  }
}

export function keyMade(reply: Extract<SigningReply, { kind: 'key-made' }>): string {
  const how = reply.mode === 'cluster' ? 'It is unlocked by the bot itself, through every restart.' : `It is unlocked now. ${passphraseWarning}`
  const before =
    reply.predecessor === null ? '' : ` The key before it (\`${reply.predecessor}\`) signed the change; records it signed stay valid.`
  return `New signing key \`${reply.keyId}\`. ${how}${before} Keep a copy of the public half: \`/admin public-key\`.`
}

export function keyNotMade(reason: Extract<SigningReply, { kind: 'key-not-made' }>['reason']): string {
  return reason === 'locked' ? unlockFirst : changedMeanwhile
}

export const waitingText = (count: number): string =>
  count === 0 ? 'No record is waiting.' : `${count} ${count === 1 ? 'record is' : 'records are'} being signed now, in order.`
