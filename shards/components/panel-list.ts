/**
 * The form of `/panel create`, and the paging of `/panel list`.
 */
import { PermissionFlagsBits } from 'discord-api-types/v10'
import { wellFormedText } from '../../kernel/text.ts'
import { ephemeral } from '../commands/ephemeral.ts'
import type { MessageAnswer } from '../commands/slash-command.ts'
import type { ComponentHandler, SubmitContext } from '../interactions/component-handler.ts'
import { askPanels, readPanel, wordsFor } from '../panels/ask-panels.ts'
import { mainView } from '../panels/edit-view.ts'
import { listFeature, listPanels } from '../panels/list-message.ts'

export const panelListComponents: ComponentHandler = {
  feature: listFeature,
  permission: PermissionFlagsBits.ManageRoles,
  replacesMessage: true,
  click(context) {
    const page = context.args[0] ?? ''
    return listPanels(context, /^\d{1,4}$/.test(page) ? Number(page) : 1)
  },
  submit: (context) => (context.action === 'create' ? createPanel(context) : ephemeral(wordsFor(context).goneComponent)),
}

async function createPanel(context: SubmitContext): Promise<MessageAnswer> {
  const { byUserId, guildId } = context
  const name = wellFormedText(context.text('name'))
  const description = wellFormedText(context.text('description'))
  const command = { feature: 'role-panels', kind: 'create-panel', byUserId, name, description } as const
  const asked = await askPanels(context, { command, wanted: 'panel-set' })
  if ('refusal' in asked) return asked.refusal
  const found = await readPanel(context, asked.reply.panelId)
  return 'refusal' in found ? found.refusal : mainView(wordsFor(context), guildId, found.panel)
}
