/**
 * Everybody joins within one second: what becomes of it, by the sandbox's own log and by rows in Postgres.
 *
 * The sandbox lives in this process, so joins are told in small portions: what it does at once would delay the arrival of
 * heartbeats at itself, and not at the house. A heartbeat's lateness is the time since the one before, less the interval.
 */
import type { Fleet } from './fleet-processes.ts'
import { startFleet } from './fleet-processes.ts'

export interface StormOptions {
  readonly guildCount: number
  readonly membersPerGuild: number
}

export interface StormFigures {
  readonly joins: number
  /** From the first join to the last, told by the sandbox. */
  readonly joinsTookMs: number
  /** Time of the processor that telling them took: what is beyond it, the machine was busy with others. */
  readonly joinsCpuMs: number
  /** From the first join until every session is durable. */
  readonly durableAfterMs: number
  readonly sessionsOpened: number
  /** Members with more than one session open: none may be. */
  readonly doubled: number
  readonly heartbeats: number
  readonly heartbeatIntervalMs: number
  readonly heartbeatLateMsMax: number
}

const heartbeatIntervalMs = 2_000
/** Joins before the sandbox reads its sockets again. */
const portion = 400
const spreadMs = 1_000

export async function runVoiceStorm(options: StormOptions): Promise<StormFigures> {
  const fleet = await startFleet({
    sandbox: { gatewayLimits: { maxConcurrency: 4, heartbeatIntervalMs } },
    shardCount: 4,
    processCount: 2,
    environment: { LOG_LEVEL: 'warn' },
  })
  try {
    const { people } = fleet.sandbox
    const guilds = Array.from({ length: options.guildCount }, (_, index) => people.createGuild({ name: `guild ${index}`, voiceChannels: ['Hall'] }))
    const crowd = guilds.flatMap((guild) => {
      const hall = guild.channel('Hall').id
      return Array.from({ length: options.membersPerGuild }, (_, index) => ({ member: guild.addMember({ username: `m${index}` }), hall }))
    })
    fleet.startManager()
    await fleet.whenReady()
    await Promise.all(guilds.map((guild) => guild.owner().slash('admin tracking-mode', { mode: 'all' }).reply()))
    return await storm(fleet, crowd)
  } finally {
    await fleet.stop()
  }
}

async function storm(fleet: Fleet, crowd: readonly { readonly member: { joinVoice(channel: string): void }; readonly hall: string }[]): Promise<StormFigures> {
  const beats: { readonly session: string; readonly atMs: number }[] = []
  const stopListening = fleet.sandbox.requestLog.onEntry((entry) => {
    if (entry.kind === 'heartbeat') beats.push({ session: entry.session, atMs: entry.atMs })
  })
  await nextHeartbeats(beats)
  // Guilds in turn, as it would be: not one guild after the other.
  const order = crowd.map((one, index) => ({ one, place: (index * 7_919) % crowd.length })).toSorted((a, b) => a.place - b.place)
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  for (let from = 0; from < order.length; from += portion) {
    for (const { one } of order.slice(from, from + portion)) one.member.joinVoice(one.hall)
    const dueMs = ((from + portion) / order.length) * spreadMs * 0.9
    do await new Promise((resolve) => setImmediate(resolve))
    while (performance.now() - startedAt < dueMs)
  }
  const joinsTookMs = performance.now() - startedAt
  const cpu = process.cpuUsage(cpuBefore)
  const opened = await fleet.rows.until(async () => {
    const [row] = await fleet.rows.query<{ opened: string; members: string }>(
      `SELECT count(*) AS opened, count(DISTINCT (guild_id, payload::json -> 'event' -> 'voice' ->> 'userId')) AS members
       FROM journal WHERE payload LIKE '%voice-session-opened%'`,
    )
    return Number(row?.opened) >= crowd.length ? row : undefined
  })
  const durableAfterMs = performance.now() - startedAt
  await nextHeartbeats(beats)
  stopListening()
  return {
    joins: crowd.length,
    joinsTookMs: Math.round(joinsTookMs),
    joinsCpuMs: Math.round((cpu.user + cpu.system) / 1000),
    durableAfterMs: Math.round(durableAfterMs),
    sessionsOpened: Number(opened.members),
    doubled: Number(opened.opened) - Number(opened.members),
    heartbeats: beats.length,
    heartbeatIntervalMs,
    heartbeatLateMsMax: Math.round(latestOf(beats)),
  }
}

/** Until each session has been heard of at least twice more: its intervals before, in and after the storm are known. */
async function nextHeartbeats(beats: readonly { readonly session: string }[]): Promise<void> {
  const wanted = beats.length + 8
  while (beats.length < wanted) await new Promise((resolve) => setImmediate(resolve))
}

function latestOf(beats: readonly { readonly session: string; readonly atMs: number }[]): number {
  const before = new Map<string, number>()
  let late = 0
  for (const { session, atMs } of beats) {
    const last = before.get(session)
    if (last !== undefined) late = Math.max(late, atMs - last - heartbeatIntervalMs)
    before.set(session, atMs)
  }
  return late
}
