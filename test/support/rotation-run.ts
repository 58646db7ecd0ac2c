/**
 * Many classes open at once, their codes changing over two processes under Discord's limits: whether anything is refused,
 * whether the code that stands there is the code that counts, and what became of the interval.
 *
 * The sandbox lives in this process and enforces 50 requests a second for the token. Members type what they see at random
 * instants; what was on the screen for less than the time of an edit is passed over, because nobody can see it yet.
 */
import type { MemberDriver } from '../../sandbox/people/member.ts'
import type { Sandbox } from '../../sandbox/server.ts'
import { ClassRoom } from './class-room.ts'
import type { Fleet } from './fleet-processes.ts'
import { startFleet } from './fleet-processes.ts'
import { killUntilReady } from './kill-shard.ts'
import { shiftClockOf } from './shifted-clock.ts'

export interface RotationOptions {
  readonly guilds: number
  readonly intervalSeconds: number
  /** After the last class is open. */
  readonly runMs: number
  /** By how much the database's clock is ahead of Discord's. */
  readonly clockAheadMs?: number
  /** One of both processes gets SIGKILL in the middle. */
  readonly killsOwner?: boolean
}

export interface RotationFigures {
  readonly guilds: number
  /** Opened with a longer interval than was set, and told so. */
  readonly stretched: number
  /** Longest interval that was told at an opening, s. */
  readonly slowestSeconds: number
  readonly openedInMs: number
  readonly edits: number
  readonly editsPerSecond: number
  readonly mostInOneSecond: number
  readonly tooManyRequests: number
  readonly typed: number
  /** What stood on the screen, typed, and called wrong: none may be. */
  readonly refused: number
  /** Looks at a screen that had not changed within its interval and two seconds and a half; not in an outage. */
  readonly stale: number
  /** From the kill until every shard is served; 0: nobody was killed. */
  readonly outageMs: number
  /** Delay of the event loop of each shard process, p99, ms. */
  readonly loopLagMsP99: readonly number[]
}

/** An edit and its dispatch under load; a code that began less than this ago may stand there or not. */
const edgeMs = 1_500
/** One glance at one screen after the other; between them the machine is the bot's. */
const glanceEveryMs = 5

export async function runRotation(options: RotationOptions): Promise<RotationFigures> {
  const fleet = await startFleet({ sandbox: { gatewayLimits: { maxConcurrency: 4 } }, shardCount: 4, processCount: 2, environment: { LOG_LEVEL: 'warn' } })
  try {
    if (options.clockAheadMs !== undefined) await (await shiftClockOf(fleet.databaseUrl)).forward(options.clockAheadMs)
    const seats = Array.from({ length: options.guilds }, (_, number) => {
      const guild = fleet.sandbox.people.createGuild({ name: `school ${number}`, textChannels: ['office', 'hall'] })
      return { room: new ClassRoom(fleet.sandbox, guild), pupil: guild.addMember({ username: 'pupil' }) }
    })
    const manager = fleet.startManager()
    const health = await manager.message((message) => (message as { healthPort?: number }).healthPort)
    const metrics = `http://127.0.0.1:${health}/metrics`
    await fleet.whenReady()
    const opened = await openAll(seats, options)
    // Each reading begins a new one: what the openings took is told here, and not wanted.
    await loopLags(metrics)
    const seen = await watch(fleet, seats, options)
    return { ...seen, ...opened, loopLagMsP99: await loopLags(metrics) }
  } finally {
    await fleet.stop()
  }
}

interface Seat {
  readonly room: ClassRoom
  readonly pupil: MemberDriver
}

async function openAll(seats: readonly Seat[], { intervalSeconds }: RotationOptions): Promise<Pick<RotationFigures, 'stretched' | 'slowestSeconds' | 'openedInMs'>> {
  const startedAt = performance.now()
  let stretched = 0
  let slowestSeconds = 0
  for (const { room } of seats) {
    await room.say(room.guild.owner(), 'attendance setup', { admin_channel: room.office, attendance_channel: room.hall, rotation_interval: intervalSeconds })
    const told = await room.say(room.guild.owner(), 'open_attendance')
    const seconds = Number(/every (\d+) s/.exec(told)?.[1] ?? NaN)
    slowestSeconds = Math.max(slowestSeconds, seconds)
    if (told.includes('It is set to')) stretched += 1
    else if (seconds !== intervalSeconds) throw new Error(`another interval than was set, and not told: ${told}`)
  }
  for (const { room } of seats) await room.code()
  return { stretched, slowestSeconds, openedInMs: Math.round(performance.now() - startedAt) }
}

/** Of each shard process, as its own metrics tell it. */
async function loopLags(url: string): Promise<readonly number[]> {
  const text = await (await fetch(url)).text()
  const lines = text.split('\n').filter((line) => line.startsWith('nodejs_eventloop_lag_p99_seconds') && line.includes('shard'))
  return lines.map((line) => Math.round(Number(line.slice(line.lastIndexOf(' ') + 1)) * 10_000) / 10)
}

async function watch(
  fleet: Fleet,
  seats: readonly Seat[],
  { guilds, intervalSeconds, runMs, killsOwner }: RotationOptions,
): Promise<Omit<RotationFigures, 'stretched' | 'slowestSeconds' | 'openedInMs' | 'loopLagMsP99'>> {
  const requests = countRequests(fleet.sandbox)
  const startedAt = Date.now()
  const seen = { typed: 0, refused: 0, stale: 0 }
  const outage = { from: Infinity, to: Infinity }
  let killed: Promise<void> | null = null
  for (let turn = 0; Date.now() - startedAt < runMs; turn += 1) {
    if (killsOwner === true && killed === null && Date.now() - startedAt > runMs / 3) killed = killOne(fleet, outage)
    // What stood still in an outage has a whole interval to come back.
    const isOutage = Date.now() >= outage.from && Date.now() < outage.to + intervalSeconds * 1_000
    await lookAt(seats[(turn * 7_919) % seats.length]!, { intervalSeconds, isOutage, seen })
    await new Promise((resolve) => setTimeout(resolve, glanceEveryMs))
  }
  await killed
  const { edits, tooManyRequests } = requests.stop()
  const bySecond = new Map<number, number>()
  for (const at of edits) bySecond.set(Math.floor(at / 1_000), (bySecond.get(Math.floor(at / 1_000)) ?? 0) + 1)
  const editsPerSecond = Math.round((edits.length / (runMs / 1_000)) * 10) / 10
  const outageMs = killed === null ? 0 : outage.to - outage.from
  return { guilds, edits: edits.length, editsPerSecond, mostInOneSecond: Math.max(0, ...bySecond.values()), tooManyRequests, ...seen, outageMs }
}

interface Looking {
  readonly intervalSeconds: number
  readonly isOutage: boolean
  readonly seen: { typed: number; refused: number; stale: number }
}

/** Reads the screen, and types what stands there where it is clear which code that is. */
async function lookAt({ room, pupil }: Seat, { intervalSeconds, isOutage, seen }: Looking): Promise<void> {
  const shown = room.screen()
  const endsAt = Number(/<t:(\d+):R>/.exec(shown?.message.embeds[0]?.description ?? '')?.[1] ?? 0) * 1_000
  const leftMs = endsAt - Date.now()
  if (leftMs < -edgeMs - 1_000 && !isOutage) seen.stale += 1
  // A Discord timestamp has whole seconds, hence one more on either side.
  const isClear = leftMs > edgeMs && leftMs < intervalSeconds * 1_000 - edgeMs - 1_000
  if (!isClear || shown === undefined) return
  const told = await room.here(pupil, shown.code).catch(() => null)
  // Nobody answered: the owner had just been killed.
  if (told === null && isOutage) return
  if (told === null) throw new Error('a member was not answered')
  seen.typed += 1
  if (told.includes('invalid')) seen.refused += 1
}

function countRequests(sandbox: Sandbox): { stop(): { readonly edits: readonly number[]; readonly tooManyRequests: number } } {
  const edits: number[] = []
  let tooManyRequests = 0
  const stop = sandbox.requestLog.onEntry((entry) => {
    if (entry.kind !== 'request') return
    if (entry.status === 429) tooManyRequests += 1
    if (entry.method === 'PATCH' && entry.route === '/channels/{channel_id}/messages/{message_id}') edits.push(entry.atMs)
  })
  return {
    stop() {
      stop()
      return { edits, tooManyRequests }
    },
  }
}

async function killOne(fleet: Fleet, outage: { from: number; to: number }): Promise<void> {
  const [pid] = fleet.shardPids().values()
  if (pid === undefined) throw new Error('no shard process is known')
  outage.from = Date.now()
  await killUntilReady(fleet, pid)
  outage.to = Date.now()
}
