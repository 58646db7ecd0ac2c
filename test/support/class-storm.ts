/**
 * A class of thousands types its code within seconds while the process that owns it is killed, or everything is rescaled:
 * who was told "recorded", and who stands in the list afterwards.
 *
 * The sandbox lives in this process. A member who got no answer types again, as people do, with the code that stands there
 * then; every twentieth only ever types wrong ones, and must not be in the list. The time from gateway frame to
 * callback is taken by the sandbox itself, outside the outage: that lasts from the kill until all shards are served again.
 * Where the owner is killed, the next one is killed as well, as soon as it has said that the class is closed: a large class is
 * then still being written.
 */
import { parse } from 'csv-parse/sync'
import { ClassRoom } from './class-room.ts'
import type { Fleet } from './fleet-processes.ts'
import { startFleet } from './fleet-processes.ts'
import { killUntilReady } from './kill-shard.ts'
import { startMuster } from './run-muster.ts'
import type { MemberDriver } from '../../sandbox/people/member.ts'

export interface ClassStormOptions {
  readonly members: number
  readonly spreadMs: number
  /** What happens while they type: SIGKILL to the owner, a live rescale of shards and processes, or nothing. */
  readonly meanwhile: 'kill' | 'rescale' | 'nothing'
  /** So many of them attend a class before, a third as fast: processes that are hours old have run their code before. */
  readonly rehearse?: number
  /** Told what comes next, for whoever watches a long run. */
  tell?(line: string): void
}

export interface Quantiles {
  readonly answers: number
  readonly p50: number
  readonly p99: number
  readonly max: number
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
  /** What those who typed a right code saw instead of "recorded", as it begins, and how often. */
  readonly toldOtherwise: Readonly<Record<string, number>>
  /** Of so many asked again after "recorded", so many answered "already recorded". */
  readonly secondTries: number
  readonly alreadyRecorded: number
  /** Of those who typed outside the outage: how many got an answer, and how soon. */
  readonly callbackMs: Quantiles
  /** Of these, those who typed after the outage, together with all whom nobody had answered in it. */
  readonly afterOutageMs: Quantiles | null
  /** From the kill until every shard is served; 0: nobody was killed. */
  readonly outageMs: number
  /** Typed outside the outage and not answered within Discord's three seconds. */
  readonly unanswered: number
  /** From the first typed until the last had been told. */
  readonly allToldInMs: number
  readonly closedInMs: number
  readonly listedInMs: number
  /** Lines of the processes' logs at level warn and above, by phrase. */
  readonly warnings: Readonly<Record<string, number>>
}

const triesMax = 20
/** Members who reach for the keyboard in one tick of this length do so at once. */
const tickMs = 2
/** How old what a member sees on the screen may be: eyes are no faster. */
const glanceMs = 50

export async function runClassStorm(options: ClassStormOptions): Promise<ClassStormFigures> {
  const { tell = () => undefined } = options
  const fleet = await startFleet({ sandbox: { gatewayLimits: { maxConcurrency: 16 } }, shardCount: 2, processCount: 2, environment: { LOG_LEVEL: 'warn' } })
  try {
    const guild = fleet.sandbox.people.createGuild({ name: 'university', textChannels: ['office', 'hall'] })
    fleet.startManager()
    await fleet.whenReady()
    const room = new ClassRoom(fleet.sandbox, guild)
    const teacher = guild.owner()
    await room.say(teacher, 'attendance setup', { admin_channel: room.office, attendance_channel: room.hall, grace: 1, rotation_interval: 15 })
    const crowd = Array.from({ length: options.members }, (_, number) => guild.addMember({ username: `m${number}` }))
    tell(`${crowd.length} members are there`)
    if (options.rehearse !== undefined) await rehearse(room, teacher, crowd.slice(0, options.rehearse))
    const sessionId = await openClass(room, teacher)
    return await storm(fleet, { room, teacher, crowd, sessionId }, options)
  } finally {
    await fleet.stop()
  }
}

interface Cast {
  readonly room: ClassRoom
  readonly teacher: MemberDriver
  readonly crowd: readonly MemberDriver[]
  readonly sessionId: string
}

async function openClass(room: ClassRoom, teacher: MemberDriver): Promise<string> {
  const told = await room.say(teacher, 'open_attendance')
  await room.code()
  return /`(\d+)`/.exec(told)?.[1] ?? ''
}

async function rehearse(room: ClassRoom, teacher: MemberDriver, crowd: readonly MemberDriver[]): Promise<void> {
  await openClass(room, teacher)
  const typing: Promise<unknown>[] = []
  for (const member of crowd) {
    typing.push(member.slash('here', { code: room.screen()?.code ?? '' }, { channel: room.hall }).reply())
    if (typing.length % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 30))
  }
  await Promise.all(typing)
  await room.say(teacher, 'close_attendance')
  while ((await room.say(teacher, 'open_attendance')).includes('still being written')) await pauseOfAPerson()
  await room.say(teacher, 'close_attendance')
}

interface Told {
  readonly recorded: Set<string>
  readonly callbackMs: number[]
  readonly afterOutageMs: number[]
  unanswered: number
  retries: number
  readonly otherwise: Record<string, number>
  wrongCodes: number
}

/** Open for as long as it is not known when it ended. */
interface Outage {
  from: number
  to: number
}

async function storm(fleet: Fleet, { room, teacher, crowd, sessionId }: Cast, options: ClassStormOptions): Promise<ClassStormFigures> {
  const told: Told = { recorded: new Set(), callbackMs: [], afterOutageMs: [], otherwise: {}, unanswered: 0, retries: 0, wrongCodes: 0 }
  const outage: Outage = { from: Infinity, to: Infinity }
  const seat: Seat = { room, told, glance: glancesAt(room), outage }
  const rescale = options.meanwhile === 'rescale' ? await beginSwitch(fleet) : null
  const { tell = () => undefined } = options
  tell('they begin to type')
  const startedAt = performance.now()
  const killAt = options.meanwhile === 'kill' ? Math.floor(crowd.length / 2) : Infinity
  const typing: Promise<void>[] = []
  let killed: Promise<void> = Promise.resolve()
  while (typing.length < crowd.length) {
    const due = Math.min(crowd.length, Math.ceil(((performance.now() - startedAt) / options.spreadMs) * crowd.length))
    while (typing.length < due) {
      const number = typing.length
      const member = crowd[number]!
      if (number === killAt) killed = killOwner(fleet, room, outage)
      typing.push(isImpostor(number) ? typeWrong(seat, member) : typeUntilRecorded(seat, member))
    }
    await new Promise((resolve) => setTimeout(resolve, tickMs))
  }
  const sentInMs = performance.now() - startedAt
  tell(`everybody has typed once, ${told.recorded.size} are recorded`)
  await Promise.all(typing)
  const allToldInMs = performance.now() - startedAt
  tell(`everybody was told, ${told.retries} typed again`)
  await killed
  if (rescale !== null && (await rescale.closed).exitCode !== 0) throw new Error(`the rescale failed:\n${rescale.output()}`)
  const again = crowd.filter((_, number) => number % 50 === 1)
  const answers = await Promise.all(again.map((member) => typeUntilAnswered(seat, member)))
  const closingAt = performance.now()
  await room.say(teacher, 'close_attendance')
  const closedInMs = performance.now() - closingAt
  tell('the class is closed')
  const secondKill: Outage = { from: Infinity, to: Infinity }
  if (options.meanwhile === 'kill') await killOwner(fleet, room, secondKill)
  const listed = await readList(room, teacher, sessionId)
  const listedInMs = performance.now() - closingAt
  return judge({ told, crowd, listed, answers, outage, warnings: warningsOf(fleet), ms: { sentInMs, allToldInMs, closedInMs, listedInMs } })
}

function warningsOf(fleet: Fleet): Record<string, number> {
  const warnings: Record<string, number> = {}
  for (const [, phrase = ''] of fleet.allOutput().matchAll(/"level":"(?:warn|error)".*"msg":"([^"]*)"/g)) warnings[phrase] = (warnings[phrase] ?? 0) + 1
  return warnings
}

/** New processes have logged in and take slot after slot from here on. */
async function beginSwitch(fleet: Fleet): Promise<ReturnType<typeof startMuster>> {
  const muster = startMuster(fleet, ['rescale', '--shards', '4', '--clusters', '2'])
  await muster.line(/^ {2}switch/)
  return muster
}

async function killOwner(fleet: Fleet, room: ClassRoom, outage: Outage): Promise<void> {
  const shard = Number((BigInt(room.guild.id) >> 22n) % 2n)
  const pid = fleet.shardPids().get(shard)
  if (pid === undefined) throw new Error('the owner is not known')
  outage.from = performance.now()
  await killUntilReady(fleet, pid)
  outage.to = performance.now()
}

/** Where a member sits: what they see, and where it is noted what they are told. */
interface Seat {
  readonly room: ClassRoom
  readonly told: Told
  readonly glance: () => string
  readonly outage: Outage
}

/** The code on the screen, as a room full of people sees it. */
function glancesAt(room: ClassRoom): () => string {
  let seenAt = -Infinity
  let code = ''
  return () => {
    if (performance.now() - seenAt < glanceMs) return code
    seenAt = performance.now()
    code = room.screen()?.code ?? ''
    return code
  }
}

async function typeUntilRecorded(seat: Seat, member: MemberDriver): Promise<void> {
  const { room, told, glance } = seat
  for (let tries = 0; tries < triesMax; tries += 1) {
    const sentAt = performance.now()
    const handle = member.slash('here', { code: glance() }, { channel: room.hall })
    const state = await handle.acknowledged().catch(() => 'failed')
    note(seat, { sentAt, answeredAt: state === 'failed' ? null : performance.now() })
    const reply = await handle.reply().catch(() => null)
    const text = reply?.kind === 'message' ? reply.message.content : ''
    if (text.startsWith('Recorded') || text.startsWith('Already recorded')) {
      told.recorded.add(member.userId)
      return
    }
    told.retries += 1
    const beginning = text !== '' ? text.slice(0, 40) : state === 'failed' ? 'did not respond' : 'is thinking, for half a minute'
    told.otherwise[beginning] = (told.otherwise[beginning] ?? 0) + 1
    await pauseOfAPerson()
  }
}

/** What was on its way at the kill died with its process. */
function note({ told, outage }: Seat, { sentAt, answeredAt }: { readonly sentAt: number; readonly answeredAt: number | null }): void {
  if (answeredAt !== null && (answeredAt < outage.from || sentAt > outage.to)) told.callbackMs.push(answeredAt - sentAt)
  if (answeredAt !== null && sentAt > outage.to) told.afterOutageMs.push(answeredAt - sentAt)
  // Three seconds before the kill had passed for what was not answered before it.
  if (answeredAt === null && (sentAt < outage.from - 3_000 || sentAt > outage.to)) told.unanswered += 1
}

/** What the member reads, however often nobody answered. */
async function typeUntilAnswered({ room, glance }: Seat, member: MemberDriver): Promise<string> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const reply = await member.slash('here', { code: glance() }, { channel: room.hall }).reply().catch(() => null)
    if (reply?.kind === 'message' && reply.message.content.includes('recorded')) return reply.message.content
    await pauseOfAPerson()
  }
  return ''
}

/** No code has this form. */
async function typeWrong({ room, told }: Seat, member: MemberDriver): Promise<void> {
  const reply = await member.slash('here', { code: '????' }, { channel: room.hall }).reply().catch(() => null)
  if (reply?.kind === 'message') told.wrongCodes += 1
}

const isImpostor = (number: number): boolean => number % 20 === 0

/** Nobody types again within a millisecond; a crowd that did would be another storm than the one that is looked at. */
const pauseOfAPerson = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 500 + Math.random() * 2_500))

/** The list, once the class is written: a large one is written in steps. */
async function readList(room: ClassRoom, teacher: MemberDriver, sessionId: string): Promise<readonly string[]> {
  for (;;) {
    const answer = await room.ask(teacher, 'export_csv', { session_id: sessionId }).catch(() => null)
    // Nobody answered, or the class is not written yet.
    if (answer === null || answer.attachments.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      continue
    }
    const rows = parse((await room.file(answer)).data, { columns: true }) as Record<string, string>[]
    return rows.map((row) => row['user_id'] ?? '')
  }
}

function judge(run: {
  readonly told: Told
  readonly crowd: readonly MemberDriver[]
  readonly listed: readonly string[]
  readonly answers: readonly string[]
  readonly outage: Outage
  readonly warnings: Readonly<Record<string, number>>
  readonly ms: Pick<ClassStormFigures, 'sentInMs' | 'allToldInMs' | 'closedInMs' | 'listedInMs'>
}): ClassStormFigures {
  const { told, crowd, listed, answers, outage, ms } = run
  const invited = new Set(crowd.filter((_, number) => !isImpostor(number)).map(({ userId }) => userId))
  const names = new Set(listed)
  return {
    members: crowd.length,
    toldRecorded: told.recorded.size,
    listed: listed.length,
    listedTwice: listed.length - names.size,
    lost: [...told.recorded].filter((user) => !names.has(user)).length,
    uninvited: listed.filter((user) => !invited.has(user)).length,
    wrongCodes: told.wrongCodes,
    retries: told.retries,
    toldOtherwise: told.otherwise,
    secondTries: answers.length,
    alreadyRecorded: answers.filter((answer) => answer.startsWith('Already recorded')).length,
    callbackMs: quantilesOf(told.callbackMs),
    afterOutageMs: outage.from === Infinity ? null : quantilesOf(told.afterOutageMs),
    outageMs: outage.from === Infinity ? 0 : Math.round(outage.to - outage.from),
    unanswered: told.unanswered,
    sentInMs: Math.round(ms.sentInMs),
    allToldInMs: Math.round(ms.allToldInMs),
    closedInMs: Math.round(ms.closedInMs),
    listedInMs: Math.round(ms.listedInMs),
    warnings: run.warnings,
  }
}

function quantilesOf(values: readonly number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b)
  const quantile = (part: number): number => Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN) * 10) / 10
  return { answers: sorted.length, p50: quantile(0.5), p99: quantile(0.99), max: quantile(1) }
}
