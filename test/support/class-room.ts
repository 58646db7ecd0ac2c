/**
 * A class in the sandbox as its people see it: what stands on the staff's screen, and answers to typed commands.
 */
import type { APIMessage } from 'discord-api-types/v10'
import { MessageFlags } from 'discord-api-types/v10'
import type { MemberDriver } from '../../sandbox/people/member.ts'
import type { GuildDriver } from '../../sandbox/people/people.ts'
import type { Sandbox } from '../../sandbox/server.ts'

type Options = Record<string, string | number | boolean>

/** Until `look` finds something; looked at again whenever anything crosses the sandbox. */
export function untilSeen<Found>(sandbox: Sandbox, look: () => Found | undefined): Promise<Found> {
  const now = look()
  if (now !== undefined) return Promise.resolve(now)
  return new Promise((resolve) => {
    const stop = sandbox.requestLog.onEntry(() => {
      const found = look()
      if (found === undefined) return
      stop()
      resolve(found)
    })
  })
}

export class ClassRoom {
  readonly sandbox: Sandbox
  readonly guild: GuildDriver
  readonly office: string
  readonly hall: string

  /** The guild has the text channels `office`, for staff, and `hall`. */
  constructor(sandbox: Sandbox, guild: GuildDriver) {
    this.sandbox = sandbox
    this.guild = guild
    this.office = guild.channel('office').id
    this.hall = guild.channel('hall').id
  }

  async ask(member: MemberDriver, command: string, options: Options = {}, channel = this.office): Promise<APIMessage> {
    const reply = await member.slash(command, options, { channel }).reply()
    if (reply.kind !== 'message') throw new Error(`/${command} was answered with ${JSON.stringify(reply)}`)
    if (!reply.ephemeral) throw new Error(`/${command}: others see the answer`)
    return reply.message
  }

  async say(member: MemberDriver, command: string, options: Options = {}, channel = this.office): Promise<string> {
    const { content, embeds } = await this.ask(member, command, options, channel)
    return [content, ...embeds.flatMap(({ title, description }) => [title, description])].filter((part) => part !== undefined && part !== '').join('\n')
  }

  here(member: MemberDriver, code: string): Promise<string> {
    return this.say(member, 'here', { code }, this.hall)
  }

  /** The message with the code, as staff sees it now; undefined: none is open. */
  screen(): { readonly message: APIMessage; readonly code: string; readonly entries: number } | undefined {
    const message = this.guild.owner().messages(this.office).findLast(({ embeds }) => embeds[0]?.description?.startsWith('# `') === true)
    const text = message?.embeds[0]?.description ?? ''
    const code = /^# `([A-Z0-9]+)`/.exec(text)?.[1]
    if (message === undefined || code === undefined) return undefined
    return { message, code, entries: Number(/(\d+) (?:entr|Eintr)/.exec(text)?.[1] ?? 0) }
  }

  /** The code on the screen, as soon as there is one that is none of these. */
  async code(...before: readonly string[]): Promise<string> {
    return await untilSeen(this.sandbox, () => {
      const shown = this.screen()
      return shown === undefined || before.includes(shown.code) ? undefined : shown.code
    })
  }

  /** What the bot posted for everybody in the channel. */
  posted(channel: string): APIMessage[] {
    return this.guild.owner().messages(channel).filter(({ author, flags }) => author.bot === true && ((flags ?? 0) & MessageFlags.Ephemeral) === 0)
  }

  /** Title, words and colour of the newest message of ours in the channel. */
  newest(channel: string): { readonly title: string; readonly text: string; readonly color: number } {
    const embed = this.posted(channel).at(-1)?.embeds[0]
    return { title: embed?.title ?? '', text: embed?.description ?? '', color: embed?.color ?? 0 }
  }

  /** The first file of an answer. */
  async file(message: APIMessage): Promise<{ readonly name: string; readonly data: Buffer }> {
    const [attachment] = message.attachments
    if (attachment === undefined) throw new Error(`no file: ${message.content}`)
    const response = await fetch(attachment.url)
    return { name: attachment.filename, data: Buffer.from(await response.arrayBuffer()) }
  }
}
