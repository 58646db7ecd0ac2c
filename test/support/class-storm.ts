/**
 * A class of thousands types its code within seconds while the process that owns it is killed, or everything is rescaled:
 * who was told "recorded", and who stands in the list afterwards.
 *
 * The sandbox lives in this process. A member who got no answer types again, as people do, with the code that stands there
 * then; every twentieth only ever types wrong ones, and must not be in the list. The time from gateway frame to
 * callback is taken by the sandbox itself, outside the outage.
 */
import { parse } from 'csv-parse/sync'
import { ClassRoom } from './class-room.ts'
import type { Fleet } from './fleet-processes.ts'
import { startFleet } from './fleet-processes.ts'
import { startMuster } from './run-muster.ts'
import type { MemberDriver } from '../../sandbox/people/member.ts'

export interface ClassStormOptions {
  readonly members: number
  readonly spreadMs: number
  /** What happens while they type: SIGKILL to the owner, a live rescale of shards and processes, or nothing. */
  readonly meanwhile: 'kill' | 'rescale' | 'nothing'
}

export interface ClassStormFigures {
  readonly members: number
  readonly sentInMs: number
  readonly toldRecorded: number
  readonly listed: number
  readonly listedTwice: number
  /** Told "recorded", and not in the list: none may be. */
  readonly lost: number
  /** In the list without having sent a right code: none may be. */
  readonly uninvited: number
  readonly wrongCodes: number
  readonly retries: number
  /** Of so many asked again after "recorded", so many answered "already recorded". */
  readonly secondTries: number
  readonly alreadyRecorded: number
  readonly callbackMs: { readonly p50: number; readonly p99: number }
  readonly closedInMs: number
}

/** Within these a killed process is noticed, and its shard heard again. */
const outageMs = 12_000
const triesMax = 12

export async function runClassStorm(options: ClassStormOptions): Promise<ClassStormFigures> {
  const fleet = await startFleet({ sandbox: { gatewayLimits: { maxConcurrency: 16 } }, shardCount: 2, processCount: 2, environment: { LOG_LEVEL: 'warn' } })
  try {
    const guild = fleet.sandbox.people.createGuild({ name: 'university', textChannels: ['office', 'hall'] })
    fleet.startManager()
    await fleet.whenReady()
    const room = new ClassRoom(fleet.sandbox, guild)
    const teacher = guild.owner()
    await room.say(teacher, 'attendance setup', { admin_channel: room.office, attendance_channel: room.hall, grace: 1, rotation_interval: 15 })
    const crowd = Array.from({ length: options.members }, (_, number) => guild.addMember({ username: `m${number}` }))
    await room.say(teacher, 'open_attendance')
    await room.code()
    return await storm(fleet, { room, teacher, crowd }, options)
  } finally {
    await fleet.stop()
  }
}

interface Cast {
  readonly room: ClassRoom
  readonly teacher: MemberDriver
  readonly crowd: readonly MemberDriver[]
}

interface Told {
  readonly recorded: Set<string>
  readonly callbackMs: number[]
  retries: number
  wrongCodes: number
}

async function storm(fleet: Fleet, { room, teacher, crowd }: Cast, options: ClassStormOptions): Promise<ClassStormFigures> {
  const told: Told = { recorded: new Set(), callbackMs: [], retries: 0, wrongCodes: 0 }
  let killedAt = Infinity
  const isOutage = (at: number): boolean => at > killedAt - 500 && at < killedAt + outageMs
  const rescale = options.meanwhile === 'rescale' ? await beginSwitch(fleet) : null
  const startedAt = performance.now()
  const typing: Promise<void>[] = []
  for (const [number, member] of crowd.entries()) {
    while (performance.now() - startedAt < (number / crowd.length) * options.spreadMs) await new Promise((resolve) => setImmediate(resolve))
    if (options.meanwhile === 'kill' && number === Math.floor(crowd.length / 2)) {
      killedAt = performance.now()
      killOwner(fleet, room)
    }
    typing.push(isImpostor(number) ? typeWrong(room, member, told) : typeUntilRecorded(room, member, { told, isOutage }))
  }
  const sentInMs = performance.now() - startedAt
  await Promise.all(typing)
  if (rescale !== null && (await rescale.closed).exitCode !== 0) throw new Error(`the rescale failed:\n${rescale.output()}`)
  const again = crowd.filter((_, number) => number % 50 === 1)
  const answers = await Promise.all(again.map((member) => typeUntilAnswered(room, member)))
  const closingAt = performance.now()
  await room.say(teacher, 'close_attendance')
  const listed = await readList(room, teacher, crowd.length)
  return judge({ told, crowd, listed, answers, sentInMs, closedInMs: performance.now() - closingAt })
}

/** New processes have logged in and take slot after slot from here on. */
async function beginSwitch(fleet: Fleet): Promise<ReturnType<typeof startMuster>> {
  const muster = startMuster(fleet, ['rescale', '--shards', '4', '--clusters', '2'])
  await muster.line(/^ {2}switch/)
  return muster
}

function killOwner(fleet: Fleet, room: ClassRoom): void {
  const shard = Number((BigInt(room.guild.id) >> 22n) % 2n)
  const pid = fleet.shardPids().get(shard)
  if (pid === undefined) throw new Error('the owner is not known')
  process.kill(pid, 'SIGKILL')
}

async function typeUntilRecorded(
  room: ClassRoom,
  member: MemberDriver,
  { told, isOutage }: { readonly told: Told; isOutage(at: number): boolean },
): Promise<void> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const code = room.screen()?.code ?? ''
    const sentAt = performance.now()
    const handle = member.slash('here', { code }, { channel: room.hall })
    await handle.acknowledged().catch(() => undefined)
    const answeredAt = performance.now()
    const reply = await handle.reply().catch(() => null)
    const text = reply?.kind === 'message' ? reply.message.content : ''
    if (text !== '' && !isOutage(sentAt)) told.callbackMs.push(answeredAt - sentAt)
    if (text.startsWith('Recorded') || text.startsWith('Already recorded')) {
      told.recorded.add(member.userId)
      return
    }
    told.retries += 1
    await pauseOfAPerson()
  }
}

/** What the member reads, however often nobody answered. */
async function typeUntilAnswered(room: ClassRoom, member: MemberDriver): Promise<string> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const reply = await member.slash('here', { code: room.screen()?.code ?? '' }, { channel: room.hall }).reply().catch(() => null)
    if (reply?.kind === 'message' && reply.message.content.includes('recorded')) return reply.message.content
  }
  return ''
}

/** No code has this form. */
async function typeWrong(room: ClassRoom, member: MemberDriver, told: Told): Promise<void> {
  const reply = await member.slash('here', { code: '????' }, { channel: room.hall }).reply().catch(() => null)
  if (reply?.kind === 'message') told.wrongCodes += 1
}

const isImpostor = (number: number): boolean => number % 20 === 0

/** Nobody types again within a millisecond; a crowd that did would be another storm than the one that is looked at. */
const pauseOfAPerson = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 500 + Math.random() * 2_500))

/** The list, once the class is written: a large one is written in steps. */
async function readList(room: ClassRoom, teacher: MemberDriver, wanted: number): Promise<readonly string[]> {
  for (;;) {
    const answer = await room.ask(teacher, 'export_csv')
    const isOpen = answer.content.includes('not in it') || answer.content.includes('no records yet')
    if (isOpen && wanted > 0) continue
    const rows = parse((await room.file(answer)).data, { columns: true }) as Record<string, string>[]
    return rows.map((row) => row['user_id'] ?? '')
  }
}

function judge(run: {
  readonly told: Told
  readonly crowd: readonly MemberDriver[]
  readonly listed: readonly string[]
  readonly answers: readonly string[]
  readonly sentInMs: number
  readonly closedInMs: number
}): ClassStormFigures {
  const { told, crowd, listed, answers } = run
  const invited = new Set(crowd.filter((_, number) => !isImpostor(number)).map(({ userId }) => userId))
  const names = new Set(listed)
  const sorted = told.callbackMs.toSorted((a, b) => a - b)
  const quantile = (part: number): number => Math.round((sorted[Math.floor(sorted.length * part)] ?? NaN) * 10) / 10
  return {
    members: crowd.length,
    sentInMs: Math.round(run.sentInMs),
    toldRecorded: told.recorded.size,
    listed: listed.length,
    listedTwice: listed.length - names.size,
    lost: [...told.recorded].filter((user) => !names.has(user)).length,
    uninvited: listed.filter((user) => !invited.has(user)).length,
    wrongCodes: told.wrongCodes,
    retries: told.retries,
    secondTries: answers.length,
    alreadyRecorded: answers.filter((answer) => answer.startsWith('Already recorded')).length,
    callbackMs: { p50: quantile(0.5), p99: quantile(0.99) },
    closedInMs: Math.round(run.closedInMs),
  }
}
