/**
 * What a real client would not let a person do: thrown, since a script that acts as a member has no branch for it.
 *
 * `code` is stable and survives HTTP; the message names what was refused.
 */
export type PeopleRefusalCode =
  | 'unknown-guild'
  | 'unknown-member'
  | 'unknown-user'
  | 'unknown-channel'
  | 'unknown-role'
  | 'unknown-message'
  | 'unknown-interaction'
  | 'command-not-registered'
  | 'command-not-permitted'
  | 'subcommand-missing'
  | 'option-unknown'
  | 'option-missing'
  | 'option-invalid'
  | 'component-not-found'
  | 'component-disabled'
  | 'component-invalid'
  | 'modal-not-open'
  | 'field-invalid'
  | 'missing-permission'
  | 'channel-full'
  | 'not-a-voice-channel'
  | 'not-in-voice'
  | 'banned'
  | 'already-member'
  | 'request-invalid'
  | 'reply-timeout'

export class PeopleRefused extends Error {
  readonly code: PeopleRefusalCode

  constructor(code: PeopleRefusalCode, message: string) {
    super(message)
    this.name = 'PeopleRefused'
    this.code = code
  }
}

/** The value, or a refusal that says what is unknown. */
export function known<Value>(value: Value | undefined, code: PeopleRefusalCode, what: string): Value {
  if (value === undefined) throw new PeopleRefused(code, `no such thing in the sandbox: ${what}`)
  return value
}
