/**
 * Many classes open at once, their codes changing over two processes under Discord's limits: whether anything is refused,
 * whether the code that stands there is the code that counts, and what became of the interval.
 *
 * The sandbox lives in this process and enforces 50 requests a second for the token. Members type what they see at random
 * instants; what was on the screen for less than the time of an edit is passed over, because nobody can see it yet.
 */
import { ClassRoom } from './class-room.ts'
import { startFleet } from './fleet-processes.ts'

export interface RotationOptions {
  readonly guilds: number
  readonly intervalSeconds: number
  /** After the last class is open. */
  readonly runMs: number
}

export interface RotationFigures {
  readonly guilds: number
  readonly stretched: number
  readonly edits: number
  readonly editsPerSecond: number
  readonly mostInOneSecond: number
  readonly tooManyRequests: number
  readonly typed: number
  /** What stood on the screen, typed, and called wrong: none may be. */
  readonly refused: number
  /** Classes whose screen did not change within its interval and a second. */
  readonly stale: number
  /** Delay of the event loop of each shard process, p99, ms. */
  readonly loopLagMsP99: readonly number[]
}

/** An edit and its dispatch under load; a code that began less than this ago may stand there or not. */
const edgeMs = 1_500

export async function runRotation(options: RotationOptions): Promise<RotationFigures> {
  const fleet = await startFleet({ sandbox: { gatewayLimits: { maxConcurrency: 4 } }, shardCount: 4, processCount: 2, environment: { LOG_LEVEL: 'warn' } })
  try {
    const rooms = Array.from({ length: options.guilds }, (_, number) => {
      const guild = fleet.sandbox.people.createGuild({ name: `school ${number}`, textChannels: ['office', 'hall'] })
      return { room: new ClassRoom(fleet.sandbox, guild), pupil: guild.addMember({ username: 'pupil' }) }
    })
    const manager = fleet.startManager()
    const health = await manager.message((message) => (message as { healthPort?: number }).healthPort)
    await fleet.whenReady()
    let stretched = 0
    for (const { room } of rooms) {
      await room.say(room.guild.owner(), 'attendance setup', { admin_channel: room.office, attendance_channel: room.hall, rotation_interval: options.intervalSeconds })
      const opened = await room.say(room.guild.owner(), 'open_attendance')
      if (opened.includes('It is set to')) stretched += 1
    }
    for (const { room } of rooms) await room.code()
    const seen = await watch(fleet.sandbox, rooms, options)
    return { ...seen, stretched, loopLagMsP99: await loopLags(`http://127.0.0.1:${health}/metrics`) }
  } finally {
    await fleet.stop()
  }
}

/** Of each shard process, as its own metrics tell it. */
async function loopLags(url: string): Promise<readonly number[]> {
  const text = await (await fetch(url)).text()
  const lines = text.split('\n').filter((line) => line.startsWith('nodejs_eventloop_lag_p99_seconds') && line.includes('shard'))
  return lines.map((line) => Math.round(Number(line.slice(line.lastIndexOf(' ') + 1)) * 10_000) / 10)
}

async function watch(
  sandbox: Awaited<ReturnType<typeof startFleet>>['sandbox'],
  rooms: readonly { readonly room: ClassRoom; readonly pupil: ReturnType<ClassRoom['guild']['addMember']> }[],
  { guilds, intervalSeconds, runMs }: RotationOptions,
): Promise<Omit<RotationFigures, 'stretched' | 'loopLagMsP99'>> {
  const edits: number[] = []
  let tooManyRequests = 0
  const stop = sandbox.requestLog.onEntry((entry) => {
    if (entry.kind !== 'request') return
    if (entry.status === 429) tooManyRequests += 1
    if (entry.method === 'PATCH' && entry.route === '/channels/{channel_id}/messages/{message_id}') edits.push(entry.atMs)
  })
  const startedAt = Date.now()
  let typed = 0
  let refused = 0
  let stale = 0
  for (let turn = 0; Date.now() - startedAt < runMs; turn += 1) {
    const { room, pupil } = rooms[(turn * 7_919) % rooms.length]!
    const shown = room.screen()
    const endsAt = Number(/<t:(\d+):R>/.exec(shown?.message.embeds[0]?.description ?? '')?.[1] ?? 0) * 1_000
    const leftMs = endsAt - Date.now()
    if (leftMs < -edgeMs - 1_000) stale += 1
    // A Discord timestamp has whole seconds, hence one more on either side.
    const isClear = leftMs > edgeMs && leftMs < intervalSeconds * 1_000 - edgeMs - 1_000
    if (isClear && shown !== undefined) {
      typed += 1
      if ((await room.here(pupil, shown.code)).includes('invalid')) refused += 1
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  stop()
  const bySecond = new Map<number, number>()
  for (const at of edits) bySecond.set(Math.floor(at / 1_000), (bySecond.get(Math.floor(at / 1_000)) ?? 0) + 1)
  const editsPerSecond = Math.round((edits.length / (runMs / 1_000)) * 10) / 10
  return { guilds, edits: edits.length, editsPerSecond, mostInOneSecond: Math.max(0, ...bySecond.values()), tooManyRequests, typed, refused, stale }
}
