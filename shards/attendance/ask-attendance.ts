/**
 * Asks a guild's code attendance on behalf of a command: the wanted reply, or the sentence that the person reads instead.
 */
import type { AttendanceCommand, AttendanceReply, RecordAttendance, RemoveAttendance, SubmitCode } from '../../actors/protocol/attendance.ts'
import type { AttendanceAsker } from '../../actors/protocol/attendance-settings.ts'
import { channelId, isSnowflake, roleId, userId } from '../../kernel/ids.ts'
import type { UserId } from '../../kernel/ids.ts'
import { truncateText, wellFormedText } from '../../kernel/text.ts'
import { PermissionFlagsBits } from 'discord-api-types/v10'
import type { APIInteraction } from 'discord-api-types/v10'
import { ephemeral } from '../commands/ephemeral.ts'
import { presentRefusal } from '../commands/refusals.ts'
import type { InteractionContext, MessageAnswer } from '../commands/slash-command.ts'
import { textsFor } from '../texts/choose-texts.ts'
import type { Texts } from '../texts/texts.ts'

/** An interaction's own context with the words of its person. */
export type Asking = InteractionContext & { readonly interaction: APIInteraction }

export type Asked<Kind extends AttendanceReply['kind']> =
  | { readonly reply: Extract<AttendanceReply, { kind: Kind }> }
  | { readonly refusal: MessageAnswer }

/** Reads of rows that another command overtook, before it is called busy. */
const factsReadsMax = 5
const usernameLengthMax = 64

export const wordsFor = ({ interaction }: Asking): Texts => textsFor('locale' in interaction ? interaction.locale : undefined)

/** How the member is called, as it is kept. */
export function usernameOf({ interaction }: Asking): string {
  return truncateText(wellFormedText(interaction.member?.user.username ?? ''), usernameLengthMax)
}

export function askerOf({ interaction, attendance }: Asking, guildTimeZone = 'UTC'): AttendanceAsker {
  const { member } = interaction
  const has = BigInt(member?.permissions ?? '0')
  return {
    channelId: channelId(interaction.channel?.id ?? '0'),
    isManager: (has & (PermissionFlagsBits.ManageGuild | PermissionFlagsBits.Administrator)) !== 0n,
    roleIds: (member?.roles ?? []).filter(isSnowflake).map((id) => roleId(id)),
    defaults: attendance.defaults,
    guildTimeZone,
  }
}

/** Asker with the guild's own time zone, which voice attendance keeps. */
export async function staffAskerOf(context: Asking): Promise<AttendanceAsker> {
  const read = await context.ask({ feature: 'voice-attendance', kind: 'read-settings' }, 'zone')
  const zone = read.status === 'answered' && read.reply.kind === 'voice-settings' ? read.reply.settings.schedule.timeZone : undefined
  return askerOf(context, zone)
}

export async function askAttendance<Kind extends AttendanceReply['kind']>(
  context: Asking,
  question: { readonly command: AttendanceCommand; readonly wanted: Kind; readonly step?: string },
): Promise<Asked<Kind>> {
  const texts = wordsFor(context)
  const outcome = await context.ask(question.command, question.step)
  if (outcome.status === 'refused') return { refusal: presentRefusal(outcome.reason, texts) }
  const reply = outcome.reply as AttendanceReply
  if (reply.kind === 'attendance-refused') return { refusal: ephemeral(refusalText(texts, reply)) }
  if (reply.kind !== question.wanted) return { refusal: presentRefusal('rejected', texts) }
  return { reply: reply as Extract<AttendanceReply, { kind: Kind }> }
}

/** A command about entries that may be rows: what rows say is read when it is asked for, and once more when it was overtaken. */
export async function askWithFacts<Kind extends AttendanceReply['kind']>(
  context: Asking,
  question: { readonly command: RecordAttendance | RemoveAttendance | SubmitCode; readonly wanted: Kind; readonly step?: string },
): Promise<Asked<Kind>> {
  let { command } = question
  for (let reads = 0; reads <= factsReadsMax; reads += 1) {
    const outcome = await context.ask(command, question.step)
    const reply = outcome.status === 'answered' ? (outcome.reply as AttendanceReply) : null
    if (reply?.kind !== 'facts-needed') return await askAttendance({ ...context, ask: () => Promise.resolve(outcome) }, { ...question, command })
    command = { ...command, facts: await context.attendance.readFacts(context.guildId, reply.question) }
  }
  return { refusal: presentRefusal('busy', wordsFor(context)) }
}

export function refusalText(texts: Texts, { reason, channelId: where, seconds }: Extract<AttendanceReply, { kind: 'attendance-refused' }>): string {
  return texts.attendance.refusals[reason]({ channel: where === undefined ? '' : `<#${where}>`, seconds: seconds ?? 0 })
}

/** What is set and open, if the member may do staff's things in this channel. */
export async function readAsStaff(context: Asking): Promise<(Asked<'attendance'> & { readonly asker: AttendanceAsker })> {
  const asker = await staffAskerOf(context)
  const read = await askAttendance(context, { command: { feature: 'code-attendance', kind: 'read-attendance', asker }, wanted: 'attendance', step: 'read' })
  if ('refusal' in read) return { ...read, asker }
  const { refusal } = read.reply
  return refusal === null ? { ...read, asker } : { refusal: ephemeral(refusalText(wordsFor(context), refusal)), asker }
}

export type NamedStudent = { readonly userId: UserId; readonly label: string } | { readonly refusal: MessageAnswer }

/** Whom staff means: a mention from the suggestions, a student id, a Discord id, a name. */
export async function findStudent(context: Asking, text: string): Promise<NamedStudent> {
  const { attendance } = wordsFor(context)
  const typed = truncateText(wellFormedText(text.trim()), 100)
  const mentioned = /^<@!?(\d{1,19})>$/.exec(typed)?.[1]
  if (mentioned !== undefined && isSnowflake(mentioned)) return { userId: userId(mentioned), label: `<@${mentioned}>` }
  const found = typed === '' ? [] : await context.attendance.students.find(context.guildId, typed)
  const [first] = found
  if (first === undefined) return { refusal: ephemeral(attendance.refusals['unknown-student']({ channel: '', seconds: 0 })) }
  if (found.length > 1) return { refusal: ephemeral(attendance.ambiguousStudent(typed, found.length)) }
  return { userId: first.userId, label: `<@${first.userId}>` }
}
