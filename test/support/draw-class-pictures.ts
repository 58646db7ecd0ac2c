/**
 * Makes the pictures of docs/code-attendance.md from what the sandbox holds after a teacher and a student have acted:
 * `node --import tsx test/support/draw-class-pictures.ts [folder]`.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { APIMessage } from 'discord-api-types/v10'
import { ClassRoom, untilSeen } from './class-room.ts'
import { drawMessage } from './draw-message.ts'
import { startFleet } from './fleet-processes.ts'
import { mochaGlobalTeardown } from './servers.ts'

const folder = process.argv[2] ?? 'docs/pictures'
const fleet = await startFleet({ shardCount: 1, processCount: 1, environment: { LOG_LEVEL: 'warn' } })
try {
  const guild = fleet.sandbox.people.createGuild({ name: 'Evening Class', textChannels: ['office', 'hall'] })
  fleet.startManager()
  await fleet.whenReady()
  const room = new ClassRoom(fleet.sandbox, guild)
  const teacher = guild.owner()
  const grace = guild.addMember({ username: 'grace', globalName: 'Grace' })
  const names = new Map([[`<#${room.office}>`, '#staff-room'], [`<#${room.hall}>`, '#classroom']])
  const nameOf = (text: string): string =>
    // A client shows a heading large, and without its mark.
    text.replaceAll(/^# /gm, '').replaceAll(/<#\d+>/g, (mention) => names.get(mention) ?? mention).replaceAll(/<t:\d+:R>/g, 'in 9 seconds').replaceAll(/<t:\d+:t>/g, '18:45')
  const draw = async (name: string, message: APIMessage, isEphemeral = true): Promise<void> => writeFile(join(folder, `class-${name}.png`), drawMessage({ message, isEphemeral, nameOf }))

  await draw('setup', await room.ask(teacher, 'attendance setup'))
  await room.say(teacher, 'attendance setup', { admin_channel: room.office, attendance_channel: room.hall })
  await room.say(teacher, 'open_attendance', { late_after: 10 })
  const code = await room.code()
  await draw('code', room.screen()!.message, false)
  await draw('notice', await untilSeen(fleet.sandbox, () => room.posted(room.hall).at(-1)), false)
  await draw('recorded', await room.ask(grace, 'here', { code }, room.hall))
  await room.say(teacher, 'close_attendance')
  const closed = await untilSeen(fleet.sandbox, () => room.posted(room.office).find(({ embeds }) => embeds[0]?.title === 'Attendance is closed'))
  await draw('closed', closed, false)
} finally {
  await fleet.stop()
  await mochaGlobalTeardown()
}
