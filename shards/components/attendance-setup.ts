/**
 * The menus of `/attendance setup`: a channel that is chosen is set, and the settings are shown again.
 */
import { ComponentType } from 'discord-api-types/v10'
import { channelId, isSnowflake } from '../../kernel/ids.ts'
import { askAttendance, staffAskerOf } from '../attendance/ask-attendance.ts'
import { setupFeature, showSetup } from '../attendance/setup-message.ts'
import type { MessageAnswer } from '../commands/slash-command.ts'
import type { ClickContext, ComponentHandler } from '../interactions/component-handler.ts'

export const attendanceSetupComponents: ComponentHandler = {
  feature: setupFeature,
  // Staff is more than a permission: the guild's actor is asked.
  permission: null,
  replacesMessage: true,
  click: (context: ClickContext) => setChannel(context),
}

async function setChannel(context: ClickContext): Promise<MessageAnswer> {
  const { interaction, action } = context
  const [chosen = ''] = interaction.data.component_type === ComponentType.ChannelSelect ? interaction.data.values : []
  if (!isSnowflake(chosen)) return await showSetup(context, null)
  const changes = action === 'admin-channel' ? { adminChannelId: channelId(chosen) } : { attendanceChannelId: channelId(chosen) }
  const asker = await staffAskerOf(context)
  const asked = await askAttendance(context, {
    command: { feature: 'code-attendance', kind: 'set-attendance', asker, changes, byUserId: context.byUserId },
    wanted: 'attendance-settings-set',
  })
  return 'refusal' in asked ? asked.refusal : await showSetup(context, asked.reply.changed)
}
