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
import { deskRefusal, keyMade, keyNotMade, passphraseProblem } from '../signing/signing-texts.ts'
import { wordsFor } from '../voice/ask-voice.ts'

export const signingComponents: ComponentHandler = {
  feature: signingFeature,
  permission: PermissionFlagsBits.ManageGuild,
  replacesMessage: true,

  click(context) {
    const texts = wordsFor(context)
    if (context.action === 'cancel') return done(texts.nothingChanged)
    return context.action === 'rotate' ? confirmRotation(context) : done(texts.goneComponent)
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
        return ephemeral(wordsFor(context).goneComponent)
    }
  },
}

type Clicked = InteractionContext & { readonly interaction: { readonly locale: string } }

/** In place of the message that was clicked: its buttons go with it. */
const done = (content: string): MessageAnswer => ({ ...ephemeral(content), components: [] })

/** `args`: mode and id of the key that is replaced. */
function confirmRotation(context: ClickContext): Answer {
  const texts = wordsFor(context)
  const [mode, keyId] = context.args
  if (keyId === undefined) return done(texts.signing.changedMeanwhile)
  if (mode === 'passphrase') return newPassphraseModal(texts, context.guildId, { action: 'rotate', args: [keyId] })
  return replaceKey(context, { offered: null, replaces: keyId })
}

async function rotateWithPassphrase(context: SubmitContext): Promise<MessageAnswer> {
  const [keyId] = context.args
  return await makeWithPassphrase(context, { replaces: keyId ?? '' })
}

async function generate(context: SubmitContext): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const problem = passphraseProblem(texts.signing, context.text(passphraseField), context.text(againField))
  if (problem !== null) return ephemeral(problem)
  const outcome = await context.ask({ feature: 'signing', kind: 'read-signing' }, 'read')
  if (outcome.status === 'refused') return presentRefusal(outcome.reason, texts)
  if (outcome.reply.kind !== 'signing') return presentRefusal('rejected', texts)
  const { key, isLocked } = outcome.reply
  if (key?.mode === 'passphrase') return ephemeral(texts.signing.passphraseAlready)
  if (isLocked) return ephemeral(texts.signing.unlockFirst)
  return await makeWithPassphrase(context, { replaces: key?.keyId ?? null })
}

async function makeWithPassphrase(context: SubmitContext, { replaces }: { readonly replaces: string | null }): Promise<MessageAnswer> {
  const { signing: words } = wordsFor(context)
  const passphrase = context.text(passphraseField)
  const problem = passphraseProblem(words, passphrase, context.text(againField))
  if (problem !== null) return done(problem)
  const made = await context.signing.makeKey(context.guildId, passphrase)
  if (made.kind !== 'made') return done(deskRefusal(words, made))
  return await replaceKey(context, { offered: made.offered, replaces })
}

async function replaceKey(
  context: Clicked,
  key: { readonly offered: OfferedSigningKey | null; readonly replaces: string | null },
): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const { ask, byUserId } = context
  const outcome = await ask({ feature: 'signing', kind: 'make-key', ...key, byUserId })
  if (outcome.status === 'refused') return { ...presentRefusal(outcome.reason, texts), components: [] }
  const { reply } = outcome
  if (reply.kind === 'key-not-made') return done(keyNotMade(texts.signing, reply.reason))
  return reply.kind === 'key-made' ? done(keyMade(texts.signing, reply)) : presentRefusal('rejected', texts)
}

async function unlock(context: SubmitContext): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const unlocked = await context.signing.unlock(context.guildId, context.text(passphraseField))
  if (unlocked.kind !== 'unlocked') return ephemeral(deskRefusal(texts.signing, unlocked))
  const { keyId, unlockId, copy } = unlocked
  const outcome = await context.ask({ feature: 'signing', kind: 'unlock-signing', keyId, unlockId, copy, byUserId: context.byUserId })
  if (outcome.status === 'refused') return presentRefusal(outcome.reason, texts)
  const { reply } = outcome
  if (reply.kind === 'signing-unlocked') return ephemeral(texts.signing.unlocked(reply.waiting))
  if (reply.kind !== 'signing-not-unlocked') return presentRefusal('rejected', texts)
  return ephemeral(reply.reason === 'not-locked' ? texts.signing.unlockedAlready : texts.signing.changedMeanwhile)
}
