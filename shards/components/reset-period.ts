/**
 * The buttons of `/admin reset-now`: close the period that the admin looked at, or nothing.
 */
import { PermissionFlagsBits } from 'discord-api-types/v10'
import { resetPeriodFeature } from '../commands/admin-reset-now.ts'
import { ephemeral } from '../commands/ephemeral.ts'
import { presentRefusal } from '../commands/refusals.ts'
import type { MessageAnswer } from '../commands/slash-command.ts'
import type { ClickContext, ComponentHandler } from '../interactions/component-handler.ts'
import { wordsFor } from '../voice/ask-voice.ts'

export const resetPeriodComponents: ComponentHandler = {
  feature: resetPeriodFeature,
  permission: PermissionFlagsBits.ManageGuild,
  replacesMessage: true,
  click: (context) => (context.action === 'close' ? close(context) : done(wordsFor(context).nothingChanged)),
}

/** In place of the question: its buttons go with it. */
const done = (content: string): MessageAnswer => ({ ...ephemeral(content), components: [] })

async function close(context: ClickContext): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const { byUserId } = context
  const index = Number(context.args[0] ?? 0)
  const outcome = await context.ask({ feature: 'voice-attendance', kind: 'reset-period', byUserId, index })
  if (outcome.status === 'refused') return { ...presentRefusal(outcome.reason, texts), components: [] }
  const { reply } = outcome
  if (reply.kind === 'period-reset') return done(texts.resetDone(reply.index, reply.members))
  if (reply.kind !== 'period-not-reset') return presentRefusal('rejected', texts)
  return done(reply.reason === 'no-period' ? texts.resetNone : texts.resetOther)
}
