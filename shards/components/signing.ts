/**
 * Forms and buttons of signing: a new passphrase, unlocking, and the confirmed rotation of keys.
 *
 * A rotation names the key that it replaces: a second click, or a click on an old message, makes no second key.
 */
import { PermissionFlagsBits } from 'discord-api-types/v10'
import type { OfferedSigningKey } from '../../actors/protocol/signing.ts'
import type { Answer, MessageAnswer } from '../commands/slash-command.ts'
import { ephemeral } from '../commands/ephemeral.ts'
import { presentRefusal } from '../commands/refusals.ts'
import type { InteractionContext } from '../commands/slash-command.ts'
import type { ClickContext, ComponentHandler, SubmitContext } from '../interactions/component-handler.ts'
import { againField, newPassphraseModal, passphraseField, signingFeature } from '../signing/passphrase-modal.ts'
import { changedMeanwhile, deskRefusal, keyMade, keyNotMade, passphraseProblem, unlockFirst, waitingText } from '../signing/signing-texts.ts'

export const signingComponents: ComponentHandler = {
  feature: signingFeature,
  permission: PermissionFlagsBits.ManageGuild,
  replacesMessage: true,

  click(context) {
    if (context.action === 'cancel') return done('Nothing was changed.')
    return context.action === 'rotate' ? confirmRotation(context) : done('This button is no longer in use.')
  },

  submit(context) {
    switch (context.action) {
      case 'unlock':
        return unlock(context)
      case 'generate':
        return generate(context)
      case 'rotate':
        return rotateWithPassphrase(context)
      default:
        return ephemeral('This form is no longer in use. Run the command again to get a new one.')
    }
  },
}

/** In place of the message that was clicked: its buttons go with it. */
const done = (content: string): MessageAnswer => ({ ...ephemeral(content), components: [] })

/** `args`: mode and id of the key that is replaced. */
function confirmRotation(context: ClickContext): Answer {
  const [mode, keyId] = context.args
  if (keyId === undefined) return done(changedMeanwhile)
  if (mode === 'passphrase') return newPassphraseModal(context.guildId, 'rotate', [keyId])
  return replaceKey(context, { offered: null, replaces: keyId })
}

async function rotateWithPassphrase(context: SubmitContext): Promise<MessageAnswer> {
  const [keyId] = context.args
  return await makeWithPassphrase(context, { replaces: keyId ?? '' })
}

async function generate(context: SubmitContext): Promise<MessageAnswer> {
  const problem = passphraseProblem(context.text(passphraseField), context.text(againField))
  if (problem !== null) return ephemeral(problem)
  const outcome = await context.ask({ feature: 'signing', kind: 'read-signing' }, 'read')
  if (outcome.status === 'refused') return presentRefusal(outcome.reason)
  if (outcome.reply.kind !== 'signing') return presentRefusal('rejected')
  const { key, isLocked } = outcome.reply
  if (key?.mode === 'passphrase') {
    return ephemeral('This server’s key has a passphrase already. To replace the key and its passphrase use `/admin rotate-keys`.')
  }
  if (isLocked) return ephemeral(unlockFirst)
  return await makeWithPassphrase(context, { replaces: key?.keyId ?? null })
}

async function makeWithPassphrase(context: SubmitContext, { replaces }: { readonly replaces: string | null }): Promise<MessageAnswer> {
  const passphrase = context.text(passphraseField)
  const problem = passphraseProblem(passphrase, context.text(againField))
  if (problem !== null) return done(problem)
  const made = await context.signing.makeKey(context.guildId, passphrase)
  if (made.kind !== 'made') return done(deskRefusal(made))
  return await replaceKey(context, { offered: made.offered, replaces })
}

async function replaceKey(
  { ask, byUserId }: InteractionContext,
  key: { readonly offered: OfferedSigningKey | null; readonly replaces: string | null },
): Promise<MessageAnswer> {
  const outcome = await ask({ feature: 'signing', kind: 'make-key', ...key, byUserId })
  if (outcome.status === 'refused') return { ...presentRefusal(outcome.reason), components: [] }
  const { reply } = outcome
  if (reply.kind === 'key-not-made') return done(keyNotMade(reply.reason))
  return reply.kind === 'key-made' ? done(keyMade(reply)) : presentRefusal('rejected')
}

async function unlock(context: SubmitContext): Promise<MessageAnswer> {
  const unlocked = await context.signing.unlock(context.guildId, context.text(passphraseField))
  if (unlocked.kind !== 'unlocked') return ephemeral(deskRefusal(unlocked))
  const { keyId, unlockId, copy } = unlocked
  const outcome = await context.ask({ feature: 'signing', kind: 'unlock-signing', keyId, unlockId, copy, byUserId: context.byUserId })
  if (outcome.status === 'refused') return presentRefusal(outcome.reason)
  const { reply } = outcome
  if (reply.kind === 'signing-unlocked') return ephemeral(`Signing is unlocked. ${waitingText(reply.waiting)}`)
  if (reply.kind !== 'signing-not-unlocked') return presentRefusal('rejected')
  return ephemeral(reply.reason === 'not-locked' ? 'Signing is unlocked already.' : changedMeanwhile)
}
