/**
 * People at work while the topology changes: so many acts a second over all guilds, every answer written down.
 *
 * Half of the acts change a setting (journaled: what was acknowledged must be there once, in order), a quarter ask for the
 * leaderboard (answered from memory), a quarter join, move in or leave voice. One act a guild at a time, so that the order
 * of what a guild was asked is known. It runs in the sandbox's process: a latency contains that process' own delays.
 */
import { snowflakeAt } from '../../kernel/ids.ts'
import type { MemberDriver } from '../../sandbox/people/member.ts'
import { PeopleRefused } from '../../sandbox/people/refused.ts'
import type { GuildDriver, People } from '../../sandbox/people/people.ts'
import type { Random } from '../simulation/random.ts'

/** Acts that are open at once; what would go beyond is counted as held back. */
const openMax = 400
const tickMs = 10

export interface LoadFigures {
  readonly acts: number
  readonly answered: number
  /** Nothing within Discord's three seconds. */
  readonly failed: number
  /** Deferred in time, but not finished within half a minute. */
  readonly unfinished: number
  /** A sentence that promises nothing, such as "try again". */
  readonly refused: number
  readonly heldBack: number
  readonly seconds: number
  readonly latenciesMs: readonly number[]
}

const noCounts = () => ({ acts: 0, answered: 0, failed: 0, unfinished: 0, refused: 0, heldBack: 0 })

interface DrillGuild {
  readonly driver: GuildDriver
  readonly owner: MemberDriver
  readonly member: MemberDriver
  readonly hall: string
  readonly spare: string
  isBusy: boolean
  isListed: boolean
  /** Changes that were acknowledged; null: one was not answered, so the count is not known to one. */
  acknowledged: number
  uncertain: number
}

export class DrillLoad {
  readonly #guilds: DrillGuild[]
  readonly #random: Random
  readonly #open = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | null = null
  #cutAtMs = 0
  #counts = noCounts()
  #latencies: number[] = []

  constructor(people: People, options: { readonly guildCount: number; readonly random: Random }) {
    this.#random = options.random
    // A slot comes from the milliseconds of an id: one a guild spreads them evenly.
    const base = Date.now() - 86_400_000
    this.#guilds = Array.from({ length: options.guildCount }, (_, index) => {
      const driver = people.createGuild({ id: snowflakeAt(base + index), name: `guild ${index}`, voiceChannels: ['Hall', 'Spare'] })
      const member = driver.addMember({ username: `member${index}` })
      const [hall, spare] = [driver.channel('Hall').id, driver.channel('Spare').id]
      return { driver, owner: driver.owner(), member, hall, spare, isBusy: false, isListed: false, acknowledged: 0, uncertain: 0 }
    })
  }

  /** Tracking on everywhere; every second member in voice. */
  async prepare(): Promise<void> {
    const queue = [...this.#guilds.entries()]
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [index, { owner, member, hall }] = next
        const reply = await owner.slash('admin tracking-mode', { mode: 'all' }).reply()
        if (reply.kind !== 'message') throw new Error(`tracking could not be switched on: ${JSON.stringify(reply)}`)
        if (index % 2 === 0) member.joinVoice(hall)
      }
    }
    await Promise.all(Array.from({ length: 32 }, work))
  }

  start(ratePerSecond: number): void {
    this.#cutAtMs = performance.now()
    let startedAtMs = this.#cutAtMs
    let due = 0
    this.#timer = setInterval(() => {
      const nowMs = performance.now()
      due += ((nowMs - startedAtMs) / 1000) * ratePerSecond
      startedAtMs = nowMs
      for (; due >= 1; due -= 1) this.#tick()
    }, tickMs)
  }

  /** What came of it since the last cut. */
  cut(): LoadFigures {
    const nowMs = performance.now()
    const figures = { ...this.#counts, seconds: (nowMs - this.#cutAtMs) / 1000, latenciesMs: this.#latencies.toSorted((a, b) => a - b) }
    this.#cutAtMs = nowMs
    this.#counts = noCounts()
    this.#latencies = []
    return figures
  }

  /** Resolves when nothing is open any more. */
  async stop(): Promise<LoadFigures> {
    if (this.#timer !== null) clearInterval(this.#timer)
    await Promise.all(this.#open)
    return this.cut()
  }

  everybodyLeaves(): void {
    for (const { member } of this.#guilds) if (member.voiceChannel() !== null) member.leaveVoice()
  }

  /** By guild: how often its list of channels was changed, as far as its people were told. */
  changes(): ReadonlyMap<string, { readonly acknowledged: number; readonly uncertain: number }> {
    return new Map(this.#guilds.map(({ driver, acknowledged, uncertain }) => [driver.id, { acknowledged, uncertain }]))
  }

  #tick(): void {
    const guild = this.#random.pick(this.#guilds)
    if (guild.isBusy || this.#open.size >= openMax) this.#counts.heldBack += 1
    else this.#act(guild)
  }

  #act(guild: DrillGuild): void {
    this.#counts.acts += 1
    const chance = this.#random.next()
    if (chance < 0.25) {
      const { member, hall, spare } = guild
      const here = member.voiceChannel()
      if (here === null) member.joinVoice(hall)
      else if (this.#random.chance(0.5)) member.moveVoice(here === hall ? spare : hall)
      else member.leaveVoice()
      return
    }
    guild.isBusy = true
    const open = (chance < 0.5 ? this.#ask(guild) : this.#change(guild)).finally(() => {
      guild.isBusy = false
      this.#open.delete(open)
    })
    this.#open.add(open)
  }

  async #ask({ member }: DrillGuild): Promise<void> {
    await this.#time(member.slash('leaderboard').reply())
  }

  async #change(guild: DrillGuild): Promise<void> {
    const action = guild.isListed ? 'remove' : 'add'
    const content = await this.#time(guild.owner.slash('admin track-channel', { action, channel: guild.spare }).reply())
    // A refusal promises nothing; the next change of this guild shows what became of this one.
    if (content?.includes(guild.spare) === true) {
      guild.acknowledged += 1
      guild.isListed = !guild.isListed
    } else guild.uncertain += 1
  }

  /** The content of the answer; null when there was none. */
  async #time(reply: ReturnType<ReturnType<MemberDriver['slash']>['reply']>): Promise<string | null> {
    const askedAtMs = performance.now()
    let answer: Awaited<typeof reply>
    try {
      answer = await reply
    } catch (thrown) {
      // Deferred, and then nothing for half a minute.
      if (!(thrown instanceof PeopleRefused)) throw thrown
      this.#counts.unfinished += 1
      return null
    }
    if (answer.kind !== 'message') {
      this.#counts.failed += 1
      return null
    }
    this.#counts.answered += 1
    this.#latencies.push(performance.now() - askedAtMs)
    if (/try again/i.test(answer.message.content)) {
      this.#counts.refused += 1
      return null
    }
    return answer.message.content
  }
}
