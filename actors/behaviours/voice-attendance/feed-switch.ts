/**
 * The feed of another process takes over: where both feeds meet, and what comes after that.
 *
 * For each member the guild knows one state, the newest that the former feed told. The last state of the new feed that
 * equals it is where the feeds meet; only what this one heard later is applied, by `observe-voice` commands at their own
 * times, which the runtime decides before the switch itself.
 *
 *   met ◀── a state of the new feed equals the one that is known ── awaited ── settle-feed ──▶ reconciled
 *
 * A member whose states do not meet is awaited: most likely the new feed is a moment behind, and what it tells until it
 * has caught up is older than what is known. After that moment those still awaited are reconciled as after an outage that
 * began when the former feed ended; so is everybody at once when nobody watched between the two feeds.
 *
 * A state that comes again within the moment of the handoff (muted and unmuted) is taken for its last occurrence: what lay
 * between is not seen. Voice events carry neither id nor time by which it could be told. Who comes and goes within it is, and
 * who leaves and comes back after a while: the guild remembers for some seconds whom it saw leave, and a stay that it neither
 * sees nor saw end was not heard there.
 */
import { assert } from '../../../kernel/assert.ts'
import type { UserId } from '../../../kernel/ids.ts'
import { opId } from '../../../kernel/ids.ts'
import { limits } from '../../../kernel/limits.ts'
import type { DecideContext, Step } from '../../protocol/behaviour.ts'
import type { FeedSwitch, HeldChange } from '../../protocol/feed-switch.ts'
import type { ObservedVoice, VoiceAttendanceCommand, VoiceFeedCommand } from '../../protocol/voice-attendance.ts'
import { announceClosed } from './announce.ts'
import type { State, VoiceDecision } from './draft.ts'
import { Draft, sessionsPerTurnMax } from './draft.ts'
import { isSession, isWhatIsKnown } from './known-voice.ts'
import { leftKeptMs } from './evolve.ts'
import { noteAfkChannel } from './observe.ts'
import { dropGoneBystanders, reconcileVoice } from './reconcile.ts'
import { closeSession, enterChannel, sameVoice } from './sessions.ts'

type Command = Extract<VoiceFeedCommand, { kind: 'switch-feed' }>

const feature = 'voice-attendance' as const

/** Settled in one turn, in which each may close one session and open another; more are reconciled at once. */
const awaitedMax = sessionsPerTurnMax / 2

/** What is decided before the switch: the changes after the meeting points; after an outage, its beginning. */
export function unfoldSwitch(state: State, command: VoiceAttendanceCommand, context: DecideContext): readonly Step<VoiceAttendanceCommand>[] {
  assert(command.kind === 'switch-feed', 'only a switch of feeds is unfolded')
  const lostSince = outageOf(state, command)
  if (lostSince !== null) {
    const voices = newestVoices(command)
    const lost = { feature, kind: 'lose-feed', since: lostSince, voices } as const
    // Dated at the loss itself: a boundary that was missed since then comes after it.
    return [{ opId: opId(`${context.opId}/lost`), at: lostSince, command: lost }]
  }
  const later: HeldChange[] = []
  for (const { changes, meetsAt } of timelines(state, command)) if (meetsAt !== null) later.push(...changes.slice(meetsAt))
  const order = new Map(command.changes.map((change, index) => [change, index]))
  later.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
  return later.map(({ opId: op, at, voice, unobservedSince }) => ({
    opId: op,
    at,
    command: { feature, kind: 'observe-voice', voice, ...(unobservedSince === undefined ? {} : { unobservedSince }) },
  }))
}

export function switchFeed(state: State, command: Command, context: DecideContext): VoiceDecision {
  const lostSince = outageOf(state, command)
  if (lostSince !== null) return reconcileVoice(state, plainly(command, lostSince), context)
  const all = timelines(state, command)
  const awaited = all.filter(({ meetsAt }) => meetsAt === null).map(({ userId }) => userId)
  if (awaited.length > awaitedMax) return reconcileVoice(state, plainly(command, Math.min(command.watchedUntil, context.now)), context)
  const draft = new Draft(state, context)
  if (command.afkChannelId !== undefined) noteAfkChannel(draft, command.afkChannelId)
  for (const { userId, newest, meetsAt } of all) {
    if (meetsAt !== null && newest !== null && state.open[userId] === undefined && !isSession(state, newest)) enterChannel(draft, newest)
  }
  dropGoneBystanders(draft, newestVoices(command))
  if (Object.keys(state.open).length > 0 || awaited.length > 0 || state.awaited !== undefined) {
    draft.events.push({ kind: 'voice-feed-switched', generation: command.generation, met: all.length - awaited.length, awaited })
  }
  return draft.decision(awaited.length === 0 ? { kind: 'observed' } : { kind: 'observed', isAwaiting: true })
}

/** Whoever the feed has not caught up with by now is reconciled: the former feed told something that this one never heard. */
export function settleFeed(state: State, command: Extract<VoiceFeedCommand, { kind: 'settle-feed' }>, context: DecideContext): VoiceDecision {
  const draft = new Draft(state, context)
  if (state.awaited === undefined) return draft.decision({ kind: 'observed' })
  const newest = new Map(command.voices.map((voice) => [voice.userId, voice]))
  const watchedUntil = Math.min(command.watchedUntil, context.now)
  let unmet = 0
  for (const userId of Object.keys(state.awaited) as UserId[]) {
    const voice = newest.get(userId) ?? null
    if (isWhatIsKnown(state, userId, voice)) continue
    unmet += 1
    reconcileMember(draft, { userId, voice, watchedUntil })
  }
  draft.events.push({ kind: 'voice-feed-settled', unmet })
  announceClosed(draft)
  return draft.decision({ kind: 'observed' })
}

/**
 * From when on nobody watched before this feed began to hear; null: the feeds overlap.
 *
 * Both times are told by clocks of different processes. A slot that comes back within a breath was heard throughout,
 * although by two clocks it may look as if the one feed ended before the other began.
 */
function outageOf(state: State, { watchedUntil, heardSince }: FeedSwitch): number | null {
  const lostSince = Math.min(watchedUntil, state.feedLostSince ?? Infinity)
  return lostSince < heardSince - limits.processClocksApartMs || state.feedLostSince !== null ? lostSince : null
}

interface Timeline {
  readonly userId: UserId
  readonly changes: readonly HeldChange[]
  readonly newest: ObservedVoice | null
  /** So many of its changes are behind the state that the guild knows; null: the feeds do not meet. */
  readonly meetsAt: number | null
}

/** Members that either side knows anything of. */
function timelines(state: State, command: FeedSwitch): readonly Timeline[] {
  const bases = new Map(command.base.map((voice) => [voice.userId, voice]))
  const changesOf = new Map<UserId, HeldChange[]>()
  for (const change of command.changes) {
    const known = changesOf.get(change.voice.userId)
    if (known === undefined) changesOf.set(change.voice.userId, [change])
    else known.push(change)
  }
  const users = new Set([...bases.keys(), ...changesOf.keys(), ...(Object.keys({ ...state.open, ...state.left }) as UserId[])])
  return [...users].map((userId) => {
    const changes = changesOf.get(userId) ?? []
    const voices = [bases.get(userId) ?? null, ...changes.map(({ voice }) => voice)]
    const newest = voices.at(-1) ?? null
    const isInVoice = newest !== null && newest.channelId !== null
    return { userId, changes, newest: isInVoice ? newest : null, meetsAt: meetingPoint(state, { userId, voices, changes }, command) }
  })
}

/** What one member's states in the new feed were: after none of its changes, after the first, and so on. */
interface Told {
  readonly userId: UserId
  readonly voices: readonly (ObservedVoice | null)[]
  readonly changes: readonly HeldChange[]
}

/** So many changes are behind the state that is known, at the last place where that is so before what the guild never saw. */
function meetingPoint(state: State, told: Told, command: FeedSwitch): number | null {
  const first = Math.max(heardByBoth(told, command), afterLeft(state, told, command))
  let meetsAt: number | null = null
  for (let count = first; count <= told.changes.length; count += 1) {
    const voice = told.voices[count] ?? null
    if (isWhatIsKnown(state, told.userId, voice)) meetsAt = count
    else if (meetsAt !== null && wasNeverSeen(state, { userId: told.userId, voice }, command.watchedUntil)) break
  }
  return meetsAt
}

/** After the state that is known: a session while none is open, or an absence from one that began long before. */
function wasNeverSeen(state: State, { userId, voice }: { readonly userId: UserId; readonly voice: ObservedVoice | null }, watchedUntil: number): boolean {
  const session = state.open[userId]
  if (session === undefined) return true
  return session.joinedAt < watchedUntil - leftKeptMs && voice?.channelId !== session.channelId
}

/** What was heard long before the former feed ended was heard there as well. */
function heardByBoth({ changes }: Told, { watchedUntil }: FeedSwitch): number {
  return changes.filter(({ at }) => at <= watchedUntil - limits.feedLagMs).length
}

/** A session that the guild saw end a moment ago is behind it; Infinity: this feed has not told its end yet, or none of it. */
function afterLeft(state: State, { userId, voices }: Told, { heardSince, watchedUntil }: FeedSwitch): number {
  const left = state.left?.[userId]
  if (left === undefined) return 0
  const toldAt = voices.findLastIndex((voice) => voice !== null && sameVoice(left.voice, voice))
  if (toldAt >= 0) return toldAt + 1
  // Earlier states of it only: this feed is behind, and what it told last is no new beginning.
  if (voices.some((voice) => voice?.voiceSessionId === left.voice.voiceSessionId)) return Infinity
  // Over for longer than feeds are apart: this one told it before what it brings along.
  return left.at > Math.max(heardSince, watchedUntil - 2 * limits.feedLagMs) + limits.feedLagMs ? Infinity : 0
}

function newestVoices({ base, changes }: FeedSwitch): readonly ObservedVoice[] {
  const newest = new Map(base.map((voice) => [voice.userId, voice]))
  for (const { voice } of changes) {
    if (voice.channelId === null) newest.delete(voice.userId)
    else newest.set(voice.userId, voice)
  }
  return [...newest.values()]
}

function plainly(command: Command, watchedUntil: number): Extract<VoiceFeedCommand, { kind: 'reconcile-voice' }> {
  const { afkChannelId } = command
  const voices = newestVoices(command)
  return { feature, kind: 'reconcile-voice', voices, watchedUntil, ...(afkChannelId === undefined ? {} : { afkChannelId }) }
}

function reconcileMember(
  draft: Draft,
  { userId, voice, watchedUntil }: { readonly userId: UserId; readonly voice: ObservedVoice | null; readonly watchedUntil: number },
): void {
  const session = draft.state.open[userId]
  if (session !== undefined && voice?.channelId === session.channelId) {
    draft.sessions += 1
    draft.events.push({ kind: 'voice-flags-changed', voice, unobservedSince: watchedUntil })
    return
  }
  if (session !== undefined) {
    const closeAt = Math.max(session.accountedUntil, watchedUntil)
    closeSession(draft, session, { unobservedFrom: null, closeAt, recovered: true })
  }
  if (voice !== null) enterChannel(draft, voice)
}
