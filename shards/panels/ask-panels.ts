/**
 * Asks a guild's role panels on behalf of a person: the wanted reply, or the sentence that they read instead.
 */
import type { Reply } from '../../actors/protocol/command.ts'
import type { PanelRefusal, PanelWithSeats, RolePanelsCommand } from '../../actors/protocol/role-panels.ts'
import { ephemeral } from '../commands/ephemeral.ts'
import { presentRefusal } from '../commands/refusals.ts'
import type { InteractionContext, MessageAnswer } from '../commands/slash-command.ts'
import { textsFor } from '../texts/choose-texts.ts'
import type { Texts } from '../texts/texts.ts'

/** An interaction's own context with the words of its person. */
export interface PanelAsking extends InteractionContext {
  readonly interaction: { readonly locale: string }
}

export type AskedPanels<Kind extends Reply['kind']> =
  | { readonly reply: Extract<Reply, { kind: Kind }> }
  | { readonly refusal: MessageAnswer; readonly reason: PanelRefusal | null }

export const wordsFor = (context: Pick<PanelAsking, 'interaction'>): Texts => textsFor(context.interaction.locale)

export async function askPanels<Kind extends Reply['kind']>(
  context: PanelAsking,
  question: { readonly command: RolePanelsCommand; readonly wanted: Kind; readonly step?: string },
): Promise<AskedPanels<Kind>> {
  const texts = wordsFor(context)
  const outcome = await context.ask(question.command, question.step)
  if (outcome.status === 'refused') return { refusal: presentRefusal(outcome.reason, texts), reason: null }
  const { reply } = outcome
  if (reply.kind === 'panel-refused') return { refusal: ephemeral(texts.panels.refusals[reply.reason]), reason: reply.reason }
  if (reply.kind !== question.wanted) return { refusal: presentRefusal('rejected', texts), reason: null }
  return { reply: reply as Extract<Reply, { kind: Kind }> }
}

/** The panel as it is now. What another admin did meanwhile is in it. */
export async function readPanel(context: PanelAsking, panelId: string): Promise<{ readonly panel: PanelWithSeats } | { readonly refusal: MessageAnswer }> {
  const asked = await askPanels(context, { command: { feature: 'role-panels', kind: 'read-panel', panelId }, wanted: 'panel', step: 'show' })
  return 'refusal' in asked ? { refusal: asked.refusal } : { panel: asked.reply.panel }
}
