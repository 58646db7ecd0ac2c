/**
 * Everybody clicks a panel within one second: who was acknowledged when, who was answered what, and who has the role.
 *
 * The sandbox lives in this process and keeps Discord's limits: requests that it refused for them are counted. With `kill`
 * one shard process is killed in the middle, after everybody was acknowledged; what it owned and whom it held is the
 * others' then.
 */
import type { APIMessage } from 'discord-api-types/v10'
import type { Handle, Reply } from '../../sandbox/people/handle.ts'
import type { MemberDriver } from '../../sandbox/people/member.ts'
import type { RestLimits } from '../../sandbox/rest/rate-limits.ts'
import type { Fleet } from './fleet-processes.ts'
import { startFleet } from './fleet-processes.ts'
import { PanelScreen, partOf, partsOf, wordsOf } from './panel-screen.ts'

export interface ClickStormOptions {
  readonly guildCount: number
  readonly membersPerGuild: number
  /** Of so many members one clicks three times, give, take and give, without waiting for an answer. */
  readonly thriceOf?: number
  readonly processCount: number
  /** Of the role, in each guild; null: any number. */
  readonly seats: number | null
  /** Kills one process when so many have been answered; null: none. */
  readonly killAfterAnswers: number | null
  readonly restLimits?: RestLimits
}

export interface ClickStormFigures {
  readonly clicks: number
  readonly clicksTookMs: number
  /** From each click to its acknowledgement; Discord gives 3,000. */
  readonly acknowledgedMsMax: number
  readonly acknowledgedMsP50: number
  readonly notAcknowledged: number
  /** From the first click until everybody was answered. */
  readonly answeredAfterMs: number
  readonly answeredAdded: number
  readonly answeredRemoved: number
  readonly answeredRefused: number
  readonly answeredOtherwise: readonly string[]
  readonly notAnswered: number
  readonly holders: readonly number[]
  /** Members whose last word was "added" and who have no role, or who have one after another word. */
  readonly toldWrongly: number
  /** Members who were told anything but "added", "removed", "added" in the order of their clicks. */
  readonly outOfOrder: number
  /** Answers there were when a process was killed; null: none was. */
  readonly answeredAtKill: number | null
  readonly rateLimited: number
  readonly rateLimitedRoutes: readonly string[]
}

const clickWithinMs = 900
/** Clicks before the sandbox reads its sockets again. */
const portion = 50
const patienceMs = 14 * 60_000

interface Clicker {
  readonly member: MemberDriver
  readonly message: APIMessage
  readonly roleId: string
  readonly clicks: number
}

interface Clicked extends Clicker {
  readonly handle: Handle
  readonly acknowledgedMs: number | null
  readonly reply: Reply | null
}

export async function runClickStorm(options: ClickStormOptions): Promise<ClickStormFigures> {
  const shardCount = Math.max(options.processCount, 2)
  const fleet = await startFleet({
    sandbox: { gatewayLimits: { maxConcurrency: 4 }, ...(options.restLimits === undefined ? {} : { restLimits: options.restLimits }) },
    shardCount,
    processCount: options.processCount,
    environment: { MUSTER_RESPAWN_DELAY_MS_MAX: '100', LOG_LEVEL: 'warn' },
  })
  try {
    const { people } = fleet.sandbox
    const guilds = Array.from({ length: options.guildCount }, (_, index) => {
      const guild = people.createGuild({ name: `guild ${index}` })
      return { guild, role: guild.createRole({ name: 'Team' }) }
    })
    fleet.startManager()
    await fleet.whenReady()
    const clickers: Clicker[] = []
    for (const { guild, role } of guilds) {
      const message = await postPanel(fleet, { owner: guild.owner(), roleId: role.id, channel: guild.channel('general').id, seats: options.seats })
      for (let index = 0; index < options.membersPerGuild; index += 1) {
        const clicks = options.thriceOf !== undefined && index % options.thriceOf === 0 ? 3 : 1
        clickers.push({ member: guild.addMember({ username: `m${index}` }), message, roleId: role.id, clicks })
      }
    }
    return await storm(fleet, clickers, options)
  } finally {
    await fleet.stop()
  }
}

async function postPanel(fleet: Fleet, panel: { readonly owner: MemberDriver; readonly roleId: string; readonly channel: string; readonly seats: number | null }): Promise<APIMessage> {
  const { owner, roleId, channel, seats } = panel
  const screen = await PanelScreen.create(owner, { name: 'Storm' })
  await (await screen.press('add')).choose('add-pick', [roleId])
  if (seats !== null) {
    await (await screen.press('edit')).choose('edit-pick', [roleId])
    await screen.openForm('entry-form')
    await screen.submit({ label: 'Team', emoji: '', description: '', span: '', seats: String(seats) })
    await screen.press('main')
  }
  await (await screen.press('post')).choose('post-pick', [channel])
  return await fleet.rows.until(() => Promise.resolve(owner.messages(channel).find((message) => partsOf(message).some(({ custom_id: id }) => id?.startsWith('panel:') === true))))
}

async function storm(fleet: Fleet, clickers: readonly Clicker[], options: ClickStormOptions): Promise<ClickStormFigures> {
  // Guilds in turn, as it would be: not one guild after the other.
  const order = clickers
    .flatMap((one, index) => Array.from({ length: one.clicks }, (_, turn) => ({ one, place: ((index * 7_919) % clickers.length) + (turn * clickers.length) / 4 })))
    .toSorted((a, b) => a.place - b.place)
  const startedAt = performance.now()
  const requestsBefore = fleet.sandbox.requestLog.requests().length
  const running: Promise<Clicked>[] = []
  let answered = 0
  const kills: Promise<void>[] = []
  let answeredAtKill: number | null = null
  const onAnswered = (): void => {
    answered += 1
    if (options.killAfterAnswers === null || answered < options.killAfterAnswers || kills.length > 0) return
    // Everybody must have been acknowledged: what the dead process heard and nobody wrote down is nobody's.
    const kill = allAcknowledged.then(() => {
      const [pid] = fleet.shardPids().values()
      answeredAtKill = answered
      if (pid !== undefined) process.kill(pid, 'SIGKILL')
    })
    kills.push(kill)
  }
  let acknowledged = 0
  let resolveAcknowledged = (): void => undefined
  const allAcknowledged = new Promise<void>((resolve) => (resolveAcknowledged = resolve))
  const onAcknowledged = (): void => {
    acknowledged += 1
    if (acknowledged === order.length) resolveAcknowledged()
  }
  for (let from = 0; from < order.length; from += portion) {
    for (const { one } of order.slice(from, from + portion)) running.push(click(one, { onAcknowledged, onAnswered }))
    const dueMs = ((from + portion) / order.length) * clickWithinMs
    do await new Promise((resolve) => setImmediate(resolve))
    while (performance.now() - startedAt < dueMs)
  }
  const clicksTookMs = performance.now() - startedAt
  const clicked = await Promise.all(running)
  const answeredAfterMs = performance.now() - startedAt
  await Promise.all(kills)
  const refused = fleet.sandbox.requestLog.requests().slice(requestsBefore).filter(({ status }) => status === 429)
  return { clicksTookMs: Math.round(clicksTookMs), answeredAfterMs: Math.round(answeredAfterMs), ...judge(clicked, options), answeredAtKill, rateLimited: refused.length, rateLimitedRoutes: [...new Set(refused.map(({ method, route }) => `${method} ${route}`))] }
}

async function click(one: Clicker, on: { onAcknowledged(): void; onAnswered(): void }): Promise<Clicked> {
  const at = performance.now()
  const handle = one.member.click(one.message, partOf(one.message, 'role', one.roleId).custom_id)
  const state = await handle.acknowledged({ timeoutMs: 60_000 })
  const acknowledgedMs = state === 'failed' ? null : performance.now() - at
  on.onAcknowledged()
  const reply = await handle.reply({ timeoutMs: patienceMs, fits: isFinal }).catch(() => null)
  on.onAnswered()
  return { ...one, handle, acknowledgedMs, reply }
}

/** Words for the meantime are none for the end. */
const isFinal = (reply: Reply): boolean => reply.kind !== 'message' || !reply.message.content.startsWith('Your click is taken')

function judge(clicked: readonly Clicked[], { guildCount, seats }: ClickStormOptions) {
  const times = clicked.map(({ acknowledgedMs }) => acknowledgedMs).filter((ms) => ms !== null).toSorted((a, b) => a - b)
  const said = clicked.map(({ reply }) => (reply?.kind === 'message' ? wordsOf(reply.message) : null))
  const kinds = said.map(kindOf)
  const holds = ({ member, roleId }: Clicker): boolean => member.member().roles.includes(roleId)
  const ofMember = new Map<MemberDriver, { readonly one: Clicker; readonly told: (string | null)[] }>()
  for (const [index, one] of clicked.entries()) {
    const known = ofMember.get(one.member) ?? { one, told: [] }
    known.told.push(kinds[index] ?? null)
    ofMember.set(one.member, known)
  }
  const members = [...ofMember.values()]
  const holdersOf = new Map<string, number>()
  for (const { one } of members) holdersOf.set(one.member.guildId, (holdersOf.get(one.member.guildId) ?? 0) + (holds(one) ? 1 : 0))
  const isInOrder = (told: readonly (string | null)[]): boolean => told.every((kind, index) => kind === (index % 2 === 0 ? 'added' : 'removed'))
  return {
    clicks: clicked.length,
    acknowledgedMsMax: Math.round(times.at(-1) ?? 0),
    acknowledgedMsP50: Math.round(times[Math.floor(times.length / 2)] ?? 0),
    notAcknowledged: clicked.length - times.length,
    answeredAdded: kinds.filter((kind) => kind === 'added').length,
    answeredRemoved: kinds.filter((kind) => kind === 'removed').length,
    answeredRefused: kinds.filter((kind) => kind === 'refused').length,
    answeredOtherwise: [...new Set(said.filter((_, index) => kinds[index] === 'otherwise'))] as readonly string[],
    notAnswered: kinds.filter((kind) => kind === null).length,
    holders: guildCount > 5 ? [[...holdersOf.values()].reduce((sum, count) => sum + count, 0)] : [...holdersOf.values()],
    toldWrongly: members.filter(({ one, told }) => holds(one) !== (told.at(-1) === 'added')).length,
    // Of seats it is told who came too late, not who came first.
    outOfOrder: seats === null ? members.filter(({ told }) => !isInOrder(told)).length : 0,
  }
}

function kindOf(text: string | null): 'added' | 'removed' | 'refused' | 'otherwise' | null {
  if (text === null) return null
  if (text.startsWith('Added:')) return 'added'
  if (text.startsWith('Removed:')) return 'removed'
  return text.includes('all seats are taken') ? 'refused' : 'otherwise'
}
