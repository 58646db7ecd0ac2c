/**
 * Load through Discord: in every guild somebody comes and goes, and its owner changes a setting now and then.
 *
 * A member acts once in a round, and a round ends when everything is healed: a stay that begins and ends while nobody
 * watches could not be recorded by anyone. A setting counts as acknowledged when the owner has read that it was changed.
 */
import { guildId, opId } from '../../kernel/ids.ts'
import type { GuildDriver } from '../../sandbox/people/people.ts'
import type { MemberDriver } from '../../sandbox/people/member.ts'
import { machineMs } from '../nemesis/machine-time.ts'
import type { Tellings } from './told.ts'

/** What `/admin fairness` says when something changed; a "no" says something else. */
const changedPattern = /The rules are changed/
/** A deferred answer may take its time; past it the owner has gone to bed. */
const replyTimeoutMs = 60_000

interface Seat {
  readonly guild: GuildDriver
  readonly owner: MemberDriver
  readonly member: MemberDriver
  readonly hall: string
  isMuted: boolean
  /** The next value of the setting. */
  next: boolean
}

export class People {
  readonly #tellings: Tellings
  readonly #seats: readonly Seat[]
  #next = 0
  /** Who may act before the next round. */
  #left = 0
  #asked = 0

  constructor(tellings: Tellings, guilds: readonly GuildDriver[]) {
    this.#tellings = tellings
    this.#seats = guilds.map((guild) => ({
      guild,
      owner: guild.owner(),
      member: guild.addMember({ username: 'member' }),
      hall: guild.channel('Hall').id,
      isMuted: false,
      next: true,
    }))
  }

  /** What came before is recorded: everybody may act once more. */
  newRound(): void {
    this.#left = this.#seats.length
  }

  /** Somebody comes, mutes himself, or goes; in each guild in turn. */
  act(): Promise<void> {
    if (this.#left === 0) return Promise.resolve()
    this.#left -= 1
    const seat = this.#seats[this.#next++ % this.#seats.length] as Seat
    const { member, hall } = seat
    if (member.voiceChannel() === null) {
      seat.isMuted = false
      member.joinVoice(hall)
    } else if (!seat.isMuted) member.selfMute((seat.isMuted = true))
    else member.leaveVoice()
    return Promise.resolve()
  }

  /** An owner changes a rule that concerns nobody here, and reads what the bot says. */
  async change(): Promise<void> {
    const seat = this.#seats[this.#asked++ % this.#seats.length] as Seat
    const askedAt = machineMs()
    const handle = seat.owner.slash('admin fairness', { 'self-deaf': seat.next })
    seat.next = !seat.next
    const reply = await handle.reply({ timeoutMs: replyTimeoutMs }).catch(() => null)
    const text = reply?.kind === 'message' ? reply.message.content : null
    if (text === null) this.#tellings.unanswered += 1
    else if (changedPattern.test(text)) {
      const op = opId(handle.interactionId)
      this.#tellings.told.push({ door: 'settings', guildId: guildId(seat.guild.id), opId: op, askedAt, at: machineMs() })
    } else this.#tellings.refused += 1
  }

  /** As `guild user channel`, whoever is in voice now. */
  inVoice(): readonly string[] {
    return this.#seats.flatMap(({ guild, member }) => {
      const channel = member.voiceChannel()
      return channel === null ? [] : [`${guild.id} ${member.userId} ${channel}`]
    })
  }

  allLeave(): void {
    for (const { member } of this.#seats) if (member.voiceChannel() !== null) member.leaveVoice()
  }
}
