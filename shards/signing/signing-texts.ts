/**
 * What happened to a signing key, in the words of whoever reads it (../texts). Each refusal says what to do.
 */
import type { SigningReply } from '../../actors/protocol/signing.ts'
import type { Texts } from '../texts/texts.ts'
import type { Unlocked } from './signing-desk.ts'

export const passphraseLengthMin = 12
export const passphraseLengthMax = 200

type Words = Texts['signing']

export function passphraseProblem(words: Words, passphrase: string, again: string): string | null {
  if (passphrase !== again) return words.notTheSame
  const { length } = passphrase.normalize('NFKC')
  if (length < passphraseLengthMin) return words.tooShort(length, passphraseLengthMin)
  return length > passphraseLengthMax ? words.tooLong(passphraseLengthMax) : null
}

export function deskRefusal(
  words: Words,
  refusal: Extract<Unlocked, { kind: 'too-many-attempts' | 'busy' | 'no-passphrase' | 'wrong-passphrase' }>,
): string {
  switch (refusal.kind) {
    case 'too-many-attempts':
      return words.tooManyAttempts(Math.ceil(refusal.waitMs / 1000))
    case 'busy':
      return words.deskBusy
    case 'no-passphrase':
      return words.notInPassphraseMode
    case 'wrong-passphrase':
      return words.wrongPassphrase
  }
}

export function keyMade(words: Words, { keyId, mode, predecessor }: Extract<SigningReply, { kind: 'key-made' }>): string {
  return words.keyMade(keyId, mode === 'passphrase', predecessor)
}

export function keyNotMade(words: Words, reason: Extract<SigningReply, { kind: 'key-not-made' }>['reason']): string {
  return reason === 'locked' ? words.unlockFirst : words.changedMeanwhile
}
