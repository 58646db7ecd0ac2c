/**
 * The feed of another process takes over: where both feeds meet, and what comes after that.
 *
 * For each member the guild knows one state, the newest that the former feed told. The last state of the new feed that
 * equals it is where the feeds meet; only what this one heard later is applied, by `observe-voice` commands at their own
 * times, which the runtime decides before the switch itself. A member whose states never meet is reconciled as after an
 * outage that began when the former feed ended. So is everybody when nobody watched between the two feeds.
 *
 * A state that comes again within the moment of the handoff (muted and unmuted) is taken for its last occurrence: what
 * lay between is not seen. Voice events carry neither id nor time by which it could be told.
 */
import { assert } from '../../../kernel/assert.ts'
import type { UserId } from '../../../kernel/ids.ts'
import { opId } from '../../../kernel/ids.ts'
import type { DecideContext, Step } from '../../protocol/behaviour.ts'
import type { FeedSwitch, HeldChange } from '../../protocol/feed-switch.ts'
import type { ObservedVoice, VoiceAttendanceCommand, VoiceFeedCommand } from '../../protocol/voice-attendance.ts'
import { announceClosed } from './announce.ts'
import type { State, VoiceDecision } from './draft.ts'
import { Draft } from './draft.ts'
import { noteAfkChannel } from './observe.ts'
import { dropGoneBystanders, reconcileVoice } from './reconcile.ts'
import { closeSession, enterChannel, sameVoice } from './sessions.ts'
import { isTracked } from './state.ts'

type Command = Extract<VoiceFeedCommand, { kind: 'switch-feed' }>

const feature = 'voice-attendance' as const

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
  if (lostSince !== null) {
    const { afkChannelId } = command
    const voices = newestVoices(command)
    const plain = { feature, kind: 'reconcile-voice', voices, watchedUntil: lostSince, ...(afkChannelId === undefined ? {} : { afkChannelId }) } as const
    return reconcileVoice(state, plain, context)
  }
  const draft = new Draft(state, context)
  const hadOpen = Object.keys(state.open).length > 0
  if (command.afkChannelId !== undefined) noteAfkChannel(draft, command.afkChannelId)
  const all = timelines(state, command)
  const unmet = all.filter(({ meetsAt }) => meetsAt === null)
  const isPartial = !reconcileUnmet(draft, unmet, Math.min(command.watchedUntil, context.now))
  for (const { userId, newest, meetsAt } of all) {
    if (meetsAt !== null && newest !== null && state.open[userId] === undefined && !isSession(state, newest)) enterChannel(draft, newest)
  }
  dropGoneBystanders(draft, newestVoices(command))
  if (hadOpen || draft.sessions > 0) {
    draft.events.push({ kind: 'voice-feed-switched', generation: command.generation, met: all.length - unmet.length, unmet: unmet.length })
  }
  announceClosed(draft)
  return draft.decision(isPartial ? { kind: 'observed', isPartial: true } : { kind: 'observed' })
}

/** From when on nobody watched before this feed began to hear; null: the feeds overlap. */
function outageOf(state: State, { watchedUntil, heardSince }: FeedSwitch): number | null {
  const lostSince = Math.min(watchedUntil, state.feedLostSince ?? Infinity)
  return lostSince < heardSince || state.feedLostSince !== null ? lostSince : null
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
  const users = new Set([...bases.keys(), ...changesOf.keys(), ...(Object.keys(state.open) as UserId[])])
  return [...users].map((userId) => {
    const base = bases.get(userId) ?? null
    const changes = changesOf.get(userId) ?? []
    const newest = changes.at(-1)?.voice ?? base
    const isInVoice = newest !== null && newest.channelId !== null
    return { userId, changes, newest: isInVoice ? newest : null, meetsAt: meetingPoint(state, userId, { base, changes }) }
  })
}

function meetingPoint(
  state: State,
  userId: UserId,
  { base, changes }: { readonly base: ObservedVoice | null; readonly changes: readonly HeldChange[] },
): number | null {
  for (let count = changes.length; count > 0; count -= 1) {
    if (isWhatIsKnown(state, userId, changes[count - 1]?.voice ?? null)) return count
  }
  return isWhatIsKnown(state, userId, base) ? 0 : null
}

/** Who has no session is known as nobody in particular: out of voice, or where nothing is tracked. */
function isWhatIsKnown(state: State, userId: UserId, voice: ObservedVoice | null): boolean {
  const session = state.open[userId]
  if (session !== undefined) return voice !== null && sameVoice(session.voice, voice)
  return voice === null || !isSession(state, voice)
}

const isSession = (state: State, { bot, channelId }: ObservedVoice): boolean => !bot && channelId !== null && isTracked(state, channelId)

function newestVoices({ base, changes }: FeedSwitch): readonly ObservedVoice[] {
  const newest = new Map(base.map((voice) => [voice.userId, voice]))
  for (const { voice } of changes) {
    if (voice.channelId === null) newest.delete(voice.userId)
    else newest.set(voice.userId, voice)
  }
  return [...newest.values()]
}

/** False: there were more than one turn takes; what is left is told again. */
function reconcileUnmet(draft: Draft, unmet: readonly Timeline[], watchedUntil: number): boolean {
  let hasClosed = false
  for (const { userId, newest } of unmet) {
    if (draft.isFull) return false
    const session = draft.state.open[userId]
    if (session !== undefined && newest?.channelId === session.channelId) {
      draft.sessions += 1
      draft.events.push({ kind: 'voice-flags-changed', voice: newest, unobservedSince: watchedUntil })
      continue
    }
    if (session !== undefined) {
      const closeAt = Math.max(session.accountedUntil, watchedUntil)
      closeSession(draft, session, { unobservedFrom: null, closeAt, recovered: true })
      hasClosed = true
    }
    if (newest !== null) enterChannel(draft, newest)
  }
  // Those who stay are looked at anew (alone, too few); their time was watched throughout.
  if (hasClosed) draft.events.push({ kind: 'voice-feed-resumed', watchedUntil: draft.context.now })
  return true
}
