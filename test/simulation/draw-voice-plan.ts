/**
 * The plan of a seed whose load is voice attendance: people come, go, move and mute; feeds are lost and told again; rules,
 * modes and schedules change; periods end at a boundary in the middle of the run and by hand. The faults are those that the
 * same seed has under any load.
 *
 * What is told after a loss is who is there by then, as a shard process would tell it.
 */
import type { ChannelId, GuildId, UserId } from '../../kernel/ids.ts'
import type { ObservedVoice, VoiceAttendanceCommand } from '../../actors/protocol/voice-attendance.ts'
import type { FairnessRules } from '../../actors/protocol/voice-settings.ts'
import { drawPlan } from './draw-plan.ts'
import type { Action, DispatchedEvent, Plan } from './plan.ts'
import type { Random } from './random.ts'
import { createRandom } from './random.ts'
import { wallStartMs } from './simulated-process.ts'

const feature = 'voice-attendance' as const
const byUserId = '1' as UserId
const usersMax = 5

export function drawVoicePlan(seed: number): Plan {
  const plan = drawPlan(seed)
  return { ...plan, actions: drawActions(createRandom(seed, 'voice'), plan) }
}

function drawActions(random: Random, plan: Plan): readonly Action[] {
  const actions: Action[] = plan.guilds.flatMap((guildId) => openingOf(random, plan, guildId))
  const present = new Map(plan.guilds.map((guildId) => [guildId, new Map<number, ObservedVoice>()]))
  const times = Array.from({ length: random.integer(30, 160) }, () => random.between(200, plan.horizonMs)).toSorted((a, b) => a - b)
  for (const atMs of times) {
    const guildId = random.pick(plan.guilds)
    if (random.chance(0.72)) {
      const what = drawDispatch(random, present.get(guildId) as Map<number, ObservedVoice>, atMs)
      actions.push({ kind: 'dispatch', atMs, guildId, what, isReplayed: random.chance(0.2) })
    } else actions.push(drawAsk(random, plan, { guildId, atMs }))
  }
  return actions.toSorted((a, b) => a.atMs - b.atMs)
}

/** Hourly periods, and in some guilds a log: with the first minute of an hour in the middle of the run. */
function openingOf(random: Random, plan: Plan, guildId: GuildId): Action[] {
  const ask = (atMs: number, command: Extract<Action, { kind: 'ask' }>['command']): Action => ({
    kind: 'ask', atMs, via: random.integer(0, plan.actorProcesses - 1), guildId, command, deadlineMs: null, isDoubled: false,
  })
  const opening = [
    ask(random.between(0, 100), { kind: 'track-all' }),
    ask(random.between(0, 200), voice({ kind: 'set-schedule', changes: { interval: 'hourly' }, byUserId })),
  ]
  if (!random.chance(0.3)) return opening
  const events = ['session-completed', 'period-closed'] as const
  return [...opening, ask(random.between(0, 200), voice({ kind: 'set-log-channel', channelId: '3001' as ChannelId, events, byUserId }))]
}

type Bare<Command> = Command extends unknown ? Omit<Command, 'feature'> : never

const voice = (command: Bare<VoiceAttendanceCommand>): { readonly kind: 'voice'; readonly asks: VoiceAttendanceCommand } => ({
  kind: 'voice',
  asks: { feature, ...command } as VoiceAttendanceCommand,
})

function drawDispatch(random: Random, present: Map<number, ObservedVoice>, atMs: number): DispatchedEvent {
  const roll = random.next()
  if (roll > 0.8) return { kind: 'voice-told', tells: drawTold(random, present, atMs) }
  const user = random.integer(1, usersMax)
  const channel = random.chance(0.3) ? null : random.integer(1, 2)
  const isMuted = random.chance(0.3)
  if (channel === null) present.delete(user)
  else present.set(user, voiceOf(user, { channel, isMuted }))
  return { kind: 'voice', user, channel, isMuted }
}

function drawTold(random: Random, present: ReadonlyMap<number, ObservedVoice>, atMs: number): VoiceAttendanceCommand {
  const watchedUntil = Math.floor(wallStartMs + atMs - random.pick([0, random.between(1, 400), random.between(400, 4_000)]))
  const voices = [...present.values()]
  if (random.chance(0.3)) return { feature, kind: 'lose-feed', since: watchedUntil, ...(random.chance(0.5) ? { voices } : {}) }
  return { feature, kind: 'reconcile-voice', voices, watchedUntil, afkChannelId: random.pick([null, '2001' as ChannelId]) }
}

/** As gateway.ts makes it of a dispatch. */
function voiceOf(user: number, { channel, isMuted }: { readonly channel: number; readonly isMuted: boolean }): ObservedVoice {
  return {
    userId: `${1000 + user}` as UserId,
    bot: false,
    channelId: `${2000 + channel}` as ChannelId,
    voiceSessionId: 'voice',
    selfMute: isMuted,
    serverMute: false,
    selfDeaf: false,
    serverDeaf: false,
  }
}

function drawAsk(random: Random, plan: Plan, { guildId, atMs }: { readonly guildId: GuildId; readonly atMs: number }): Action {
  const isLocal = random.chance(0.6)
  const via = isLocal ? random.integer(0, plan.actorProcesses - 1) : plan.actorProcesses + random.integer(0, plan.apiProcesses - 1)
  const deadlineMs = isLocal && random.chance(0.7) ? null : random.between(300, 6_000)
  return { kind: 'ask', atMs, via, guildId, command: drawCommand(random), deadlineMs, isDoubled: random.chance(0.1) }
}

function drawCommand(random: Random): Extract<Action, { kind: 'ask' }>['command'] {
  const roll = random.next()
  if (roll < 0.25) return { kind: 'read-board' }
  // Which period runs by then is nobody's to know: the right one is hit often enough.
  if (roll < 0.45) return voice({ kind: 'reset-period', index: random.integer(1, 4), byUserId })
  if (roll < 0.7) return voice({ kind: 'set-fairness', rules: drawRules(random), byUserId })
  if (roll < 0.8) return voice({ kind: 'track-channel', action: random.pick(['add', 'remove'] as const), channelId: '2001' as ChannelId, byUserId })
  const timeZone = random.pick(['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'Australia/Lord_Howe'])
  return voice({ kind: 'set-schedule', changes: { timeZone, interval: random.pick(['hourly', 'daily', 'yearly'] as const) }, byUserId })
}

function drawRules(random: Random): Partial<FairnessRules> {
  return random.pick<Partial<FairnessRules>>([
    { selfMute: random.chance(0.5) },
    { alone: random.chance(0.5) },
    { afk: random.chance(0.5) },
    { minimumSeconds: random.pick([0, 0, 1]) },
    { minimumMembers: random.integer(1, 2) },
  ])
}
