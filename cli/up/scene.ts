/**
 * The scene that a newcomer watches: two servers, a handful of people, voice channels, a leaderboard.
 *
 * It acts as members through the sandbox's people face, at human speed or fast, and says what happens as it happens. The
 * servers are made once and found again by name at the next start.
 */
import type { Clock } from '../../kernel/clock.ts'
import { waitFor } from '../../kernel/clock.ts'
import type { GuildClient, PeopleClient } from '../../sandbox/people/client.ts'
import type { MemberClient } from '../../sandbox/people/client-member.ts'
import { PanelScene } from './panel-scene.ts'

export interface SceneDeps {
  readonly clock: Clock
  readonly people: PeopleClient
  say(sentence: string): void
}

export interface SceneOptions {
  /** Between two acts of a person. */
  readonly pauseMs: number
  readonly signal: AbortSignal
  /** Called in the middle, while members are in voice; the scene goes on when it resolves. */
  interlude?(): Promise<void>
  /** Called before those leave who came after the interlude: a stay that begins and ends unwatched is nobody's record. */
  beforeLastLeave?(): Promise<void>
}

interface Cast {
  readonly guild: GuildClient
  readonly name: string
  readonly owner: MemberClient
  readonly members: ReadonlyMap<string, MemberClient>
  readonly rooms: ReadonlyMap<string, string>
}

const school = {
  name: 'Riverside School',
  rooms: ['Study hall', 'Library'],
  people: ['Ada', 'Ben', 'Chloe', 'Dmitri'],
} as const
const club = { name: 'Chess Club', rooms: ['Board one'], people: ['Emil', 'Farah'] } as const

export class Scene {
  readonly #deps: SceneDeps
  #casts: Cast[] = []

  constructor(deps: SceneDeps) {
    this.#deps = deps
  }

  /** Makes servers and people, or finds those of an earlier run. Must come before the bot identifies for the first time. */
  async prepare(): Promise<readonly string[]> {
    this.#casts = [await this.#openCast(school), await this.#openCast(club)]
    return this.#casts.map(({ guild }) => guild.id)
  }

  async play(options: SceneOptions): Promise<void> {
    const { say } = this.#deps
    const pause = (times = 1): Promise<void> => waitFor(this.#deps.clock, options.pauseMs * times, options.signal)
    const [atSchool, atClub] = this.#casts
    if (atSchool === undefined || atClub === undefined) return
    for (const cast of [atSchool, atClub]) await this.#command(cast, 'the owner', 'admin tracking-mode', { mode: 'all' })
    await pause()
    await this.#join(atSchool, 'Ada', 'Study hall')
    await this.#join(atSchool, 'Ben', 'Study hall')
    await this.#join(atClub, 'Emil', 'Board one')
    await pause()
    await this.#join(atSchool, 'Chloe', 'Library')
    await atSchool.members.get('Ben')?.selfMute(true)
    say('Ben mutes himself.')
    const panel = new PanelScene(this.#deps, atClub)
    await panel.open()
    await pause()
    await panel.click('Emil', 'White')
    await panel.click('Farah', 'Black')
    await panel.click('Emil', 'Black')
    await pause(2)
    await options.interlude?.()
    await this.#move(atSchool, 'Ada', 'Library')
    await this.#join(atClub, 'Farah', 'Board one')
    await this.#join(atSchool, 'Dmitri', 'Study hall')
    await pause(2)
    await this.#leave(atSchool, 'Ben')
    await this.#leave(atClub, 'Emil')
    await pause()
    await options.beforeLastLeave?.()
    await this.#command(atSchool, 'Chloe', 'leaderboard', {})
    await panel.click('Farah', 'Black')
    await pause()
    for (const name of ['Ada', 'Chloe', 'Dmitri']) await this.#leave(atSchool, name)
    await this.#leave(atClub, 'Farah')
    await this.#command(atSchool, 'Ada', 'leaderboard', {})
  }

  /** Everybody leaves; after an interrupted scene nobody is left in voice. */
  async clear(): Promise<void> {
    for (const { members } of this.#casts) {
      for (const member of members.values()) {
        if ((await member.member()).voiceChannel !== null) await member.leaveVoice()
      }
    }
  }

  async #openCast(wanted: { name: string; rooms: readonly string[]; people: readonly string[] }): Promise<Cast> {
    const { people } = this.#deps
    const known = (await people.guilds()).find(({ name }) => name === wanted.name)
    const described =
      known === undefined
        ? await people.createGuild({ name: wanted.name, textChannels: ['general'], voiceChannels: wanted.rooms })
        : await people.guild(known.id).describe()
    const guild = people.guild(described.id)
    const members = new Map<string, MemberClient>()
    for (const name of wanted.people) {
      const found = described.members.find(({ user }) => user.username === name.toLowerCase())
      const member = found === undefined ? await guild.addMember({ username: name.toLowerCase(), globalName: name }) : guild.user(found.user.id)
      members.set(name, member)
    }
    const rooms = new Map(described.channels.map((channel) => [channel.name ?? '', channel.id]))
    return { guild, name: wanted.name, owner: guild.user(described.ownerId), members, rooms }
  }

  async #join(cast: Cast, name: string, room: string): Promise<void> {
    await cast.members.get(name)?.joinVoice(cast.rooms.get(room) ?? '')
    this.#deps.say(`${name} joins "${room}" (${cast.name}).`)
  }

  async #move(cast: Cast, name: string, room: string): Promise<void> {
    await cast.members.get(name)?.moveVoice(cast.rooms.get(room) ?? '')
    this.#deps.say(`${name} moves to "${room}".`)
  }

  async #leave(cast: Cast, name: string): Promise<void> {
    await cast.members.get(name)?.leaveVoice()
    this.#deps.say(`${name} leaves voice.`)
  }

  async #command(cast: Cast, who: string, command: string, options: Record<string, string>): Promise<void> {
    const member = cast.members.get(who) ?? cast.owner
    const asked = await member.slash(command, options)
    const reply = await asked.reply()
    const typed = Object.entries(options).map(([name, value]) => ` ${name}:${value}`)
    this.#deps.say(`${who} types /${command}${typed.join('')} (${cast.name}):`)
    this.#deps.say(reply.kind === 'message' ? indent(this.#readable(cast, reply.message)) : indent(describeNoMessage(reply)))
  }

  /** A message as it looks: mentions by name. */
  #readable(cast: Cast, message: { content: string; embeds: { title?: string; description?: string }[] }): string {
    const nameOf = new Map([...cast.members].map(([name, { userId }]) => [userId, name]))
    const text = [message.content, ...message.embeds.flatMap((embed) => [embed.title, embed.description])]
    return text
      .filter((part): part is string => part !== undefined && part !== '')
      .join('\n')
      .replaceAll('**', '')
      .replace(/<@(\d+)>/g, (mention, id: string) => nameOf.get(id) ?? mention)
  }
}

const indent = (text: string): string => text.replace(/^/gm, '    ')

function describeNoMessage(reply: { kind: string; text?: string }): string {
  return reply.text ?? `(a ${reply.kind})`
}
