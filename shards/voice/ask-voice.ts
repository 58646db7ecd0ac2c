/**
 * Asks a guild's voice attendance on behalf of a command: the wanted reply, or the sentence that the person reads instead.
 */
import type { Command, Reply } from '../../actors/protocol/command.ts'
import type { VoiceAttendanceCommand } from '../../actors/protocol/voice-attendance.ts'
import type { VoiceSettings } from '../../actors/protocol/voice-settings.ts'
import { ephemeral } from '../commands/ephemeral.ts'
import { presentRefusal } from '../commands/refusals.ts'
import type { InteractionContext, MessageAnswer } from '../commands/slash-command.ts'
import { textsFor } from '../texts/choose-texts.ts'
import type { Texts } from '../texts/texts.ts'

/** An interaction's own context with the words of its person. */
export interface Asking extends Pick<InteractionContext, 'ask'> {
  readonly interaction: { readonly locale: string }
}

export type Asked<Kind extends Reply['kind']> =
  | { readonly reply: Extract<Reply, { kind: Kind }> }
  | { readonly refusal: MessageAnswer }

export async function askVoice<Kind extends Reply['kind']>(
  context: Asking,
  question: { readonly command: VoiceAttendanceCommand; readonly wanted: Kind; readonly step?: string },
): Promise<Asked<Kind>> {
  const texts = textsFor(context.interaction.locale)
  const outcome = await context.ask(question.command as Command, question.step)
  if (outcome.status === 'refused') return { refusal: presentRefusal(outcome.reason, texts) }
  const { reply } = outcome
  if (reply.kind === 'setting-refused') return { refusal: ephemeral(texts.settingRefusals[reply.reason]) }
  if (reply.kind !== question.wanted) return { refusal: presentRefusal('rejected', texts) }
  return { reply: reply as Extract<Reply, { kind: Kind }> }
}

/** Changes a setting and answers with what stands afterwards. */
export async function changeAndShow(
  context: Asking,
  command: VoiceAttendanceCommand,
  show: (settings: VoiceSettings, changed: boolean) => string,
): Promise<MessageAnswer> {
  const set = await askVoice(context, { command, wanted: 'setting-set' })
  if ('refusal' in set) return set.refusal
  return await showSettings(context, (settings) => show(settings, set.reply.changed))
}

export async function showSettings(context: Asking, show: (settings: VoiceSettings) => string): Promise<MessageAnswer> {
  const read = await askVoice(context, { command: { feature: 'voice-attendance', kind: 'read-settings' }, wanted: 'voice-settings', step: 'show' })
  return 'refusal' in read ? read.refusal : ephemeral(show(read.reply.settings))
}

export const wordsFor = (context: { readonly interaction: { readonly locale: string } }): Texts => textsFor(context.interaction.locale)
