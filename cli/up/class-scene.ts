/**
 * A class that a newcomer watches: the code on the staff's screen, members typing it, one wrong, one too late, the list.
 *
 * Its server is made once and found again by name at the next start; a class that an interrupted run left open is closed
 * first.
 */
import type { Clock } from '../../kernel/clock.ts'
import { waitFor } from '../../kernel/clock.ts'
import type { PeopleClient } from '../../sandbox/people/client.ts'
import type { MemberClient } from '../../sandbox/people/client-member.ts'

export interface ClassSceneDeps {
  readonly clock: Clock
  readonly people: PeopleClient
  say(sentence: string): void
}

/** Who was told that they are recorded, and who stands in the list afterwards: the same people, each once. */
export interface PlayedClass {
  readonly recorded: readonly string[]
  readonly listed: readonly string[]
}

const server = { name: 'Evening Class', textChannels: ['staff-room', 'classroom'], people: ['Grace', 'Hugo', 'Ines', 'Juri'] } as const
const lookAgainMs = 100
/** A code comes with its message; past this something is wrong, and the house's log says what. */
const patienceMs = 20_000

export class ClassScene {
  readonly #deps: ClassSceneDeps
  readonly #teacher: MemberClient
  readonly #pupils: ReadonlyMap<string, MemberClient>
  readonly #staffRoom: string
  readonly #classroom: string

  private constructor(
    deps: ClassSceneDeps,
    parts: { teacher: MemberClient; pupils: ReadonlyMap<string, MemberClient>; channels: ReadonlyMap<string, string> },
  ) {
    this.#deps = deps
    this.#teacher = parts.teacher
    this.#pupils = parts.pupils
    this.#staffRoom = parts.channels.get('staff-room') ?? ''
    this.#classroom = parts.channels.get('classroom') ?? ''
  }

  /** Makes the server and its people, or finds those of an earlier run. */
  static async prepare(deps: ClassSceneDeps): Promise<ClassScene> {
    const { people } = deps
    const known = (await people.guilds()).find(({ name }) => name === server.name)
    const described = known === undefined ? await people.createGuild({ name: server.name, textChannels: server.textChannels }) : await people.guild(known.id).describe()
    const guild = people.guild(described.id)
    const pupils = new Map<string, MemberClient>()
    for (const name of server.people) {
      const found = described.members.find(({ user }) => user.username === name.toLowerCase())
      pupils.set(name, found === undefined ? await guild.addMember({ username: name.toLowerCase(), globalName: name }) : guild.user(found.user.id))
    }
    const channels = new Map(described.channels.map((channel) => [channel.name ?? '', channel.id]))
    return new ClassScene(deps, { teacher: guild.user(described.ownerId), pupils, channels })
  }

  async play({ pauseMs, signal }: { readonly pauseMs: number; readonly signal: AbortSignal }): Promise<PlayedClass> {
    const { say, clock } = this.#deps
    const pause = (): Promise<void> => waitFor(clock, pauseMs, signal)
    const recorded: string[] = []
    const type = async (name: string, code: string): Promise<void> => {
      const said = await this.#type(name, code)
      if (/^(Recorded|Already recorded)/.test(said)) recorded.push(name.toLowerCase())
    }
    say(`A class begins (${server.name}).`)
    await this.#staff('attendance setup', { admin_channel: this.#staffRoom, attendance_channel: this.#classroom })
    await this.#staff('close_attendance', {}, { isQuiet: true })
    await this.#type('Grace', 'G-1', 'register', { student_id: 'G-1', student_name: 'Grace' })
    await this.#staff('open_attendance', {})
    const code = await this.#codeOnScreen(signal)
    say(`On the screen in #staff-room stands ${code}.`)
    await pause()
    await type('Grace', code)
    await type('Hugo', 'WRONG')
    await pause()
    await type('Hugo', await this.#codeOnScreen(signal))
    await type('Ines', await this.#codeOnScreen(signal))
    await pause()
    await this.#staff('close_attendance', {})
    say('Juri comes too late:')
    await type('Juri', code)
    const listed = await this.#list()
    return { recorded, listed }
  }

  /** The newest code that stands in the staff's channel. */
  async #codeOnScreen(signal: AbortSignal): Promise<string> {
    const { clock } = this.#deps
    const giveUpAt = clock.monotonicMs() + patienceMs
    for (;;) {
      const messages = await this.#teacher.messages(this.#staffRoom)
      const found = messages.map(({ embeds }) => /^# `([A-Z0-9]+)`/.exec(embeds[0]?.description ?? '')?.[1]).findLast((code) => code !== undefined)
      if (found !== undefined || clock.monotonicMs() > giveUpAt) return found ?? '(none)'
      await waitFor(clock, lookAgainMs, signal)
    }
  }

  async #type(name: string, code: string, command = 'here', options: Record<string, string> = { code }): Promise<string> {
    const pupil = this.#pupils.get(name) ?? this.#teacher
    const reply = await (await pupil.slash(command, options, { channel: this.#classroom })).reply()
    const text = reply.kind === 'message' ? reply.message.content : `(a ${reply.kind})`
    this.#deps.say(`${name} types /${command}${Object.entries(options).map(([option, value]) => ` ${option}:${value}`).join('')}: ${text}`)
    return text
  }

  async #staff(command: string, options: Record<string, string>, { isQuiet = false } = {}): Promise<void> {
    const reply = await (await this.#teacher.slash(command, options, { channel: this.#staffRoom })).reply()
    if (isQuiet) return
    const text = reply.kind === 'message' ? (reply.message.content || (reply.message.embeds[0]?.title ?? '')) : `(a ${reply.kind})`
    this.#deps.say(`The teacher types /${command}:`)
    this.#deps.say(text.replace(/^/gm, '    '))
  }

  /** The list as the teacher gets it: printed, and whom it names in the newest session. */
  async #list(): Promise<readonly string[]> {
    const reply = await (await this.#teacher.slash('export_csv', { receipts: true }, { channel: this.#staffRoom })).reply()
    const [attachment] = reply.kind === 'message' ? reply.message.attachments : []
    if (attachment === undefined) return []
    const lines = (await (await fetch(attachment.url)).text()).trimEnd().split('\r\n')
    const newest = lines.slice(1).filter((line) => line.split(',')[6] === lines[1]?.split(',')[6])
    this.#deps.say(`The teacher types /export_csv and gets ${attachment.filename}:`)
    for (const line of [lines[0] ?? '', ...newest]) this.#deps.say(`    ${line}`)
    return newest.map((line) => line.split(',')[2] ?? '')
  }
}
