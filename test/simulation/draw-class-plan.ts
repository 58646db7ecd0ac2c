/**
 * The plan of a seed whose load is code attendance: classes are opened, members type right, old and wrong codes, some twice,
 * staff closes, by hand or by the clock, while everything fails that fails under any load.
 *
 * A plan is data made before the run, and codes follow from a secret: so every guild of a simulation has one secret
 * (plain-sealer.ts), and a code is known from the opening that its class should have had.
 */
import { createHmac } from 'node:crypto'
import { acceptedCodes, codeAt, stepAt } from '../../actors/behaviours/code-attendance/codes.ts'
import type { AttendanceCommand } from '../../actors/protocol/attendance.ts'
import type { AttendanceAsker } from '../../actors/protocol/attendance-settings.ts'
import type { CodeRule } from '../../actors/protocol/code-session.ts'
import type { ChannelId, GuildId, UserId } from '../../kernel/ids.ts'
import { drawPlan } from './draw-plan.ts'
import { secretOf } from './plain-sealer.ts'
import type { Action, Plan } from './plan.ts'
import type { Random } from './random.ts'
import { createRandom } from './random.ts'
import { wallStartMs } from './simulated-process.ts'

const feature = 'code-attendance' as const
const byUserId = '1' as UserId
const intervalMs = 5_000
const usersMax = 12
const adminChannelId = '3001' as ChannelId
const attendanceChannelId = '3002' as ChannelId
const defaults = { adminChannelId, attendanceChannelId, intervalSeconds: intervalMs / 1_000, codeLength: 4 }
const staff: AttendanceAsker = { channelId: adminChannelId, isManager: true, roleIds: [], defaults, guildTimeZone: 'Europe/Berlin' }
const member: AttendanceAsker = { ...staff, channelId: attendanceChannelId, isManager: false }

export function drawClassPlan(seed: number): Plan {
  const plan = drawPlan(seed)
  const random = createRandom(seed, 'class')
  return { ...plan, actions: plan.guilds.flatMap((guildId) => drawClasses(random, plan, guildId)).toSorted((a, b) => a.atMs - b.atMs) }
}

function drawClasses(random: Random, plan: Plan, guildId: GuildId): Action[] {
  const actions: Action[] = []
  const ask = (atMs: number, command: AttendanceCommand): void => {
    const via = random.integer(0, plan.actorProcesses + plan.apiProcesses - 1)
    actions.push({ kind: 'ask', atMs, via, guildId, command: { kind: 'voice', asks: command }, deadlineMs: null, isDoubled: random.chance(0.15) })
  }
  for (let from = random.between(0, 300); from < plan.horizonMs; from += random.between(300, 1_500)) {
    const openedAt = Math.floor(wallStartMs + from)
    const lasts = random.between(500, 9_000)
    const autoClose = random.chance(0.2) ? { autoCloseMinutes: 1 } : {}
    ask(from, { feature, kind: 'open-session', asker: staff, byUserId, openedAt, clockOffsetMs: 0, intervalMsMin: 0, firstStepDelayMs: 0, ...autoClose })
    for (let typed = random.integer(0, 30); typed > 0; typed -= 1) {
      const atMs = random.between(from, from + lasts * 1.1)
      ask(atMs, drawSubmission(random, guildId, { openedAt, atMs }))
    }
    from += lasts
    if (random.chance(0.9)) ask(from, { feature, kind: 'close-session', asker: staff, byUserId, typedAt: Math.floor(wallStartMs + from) })
  }
  return actions
}

function drawSubmission(random: Random, guildId: GuildId, { openedAt, atMs }: { readonly openedAt: number; readonly atMs: number }): AttendanceCommand {
  const submittedAt = Math.floor(wallStartMs + atMs)
  const rule = ruleOf(openedAt)
  const step = stepAt(rule, submittedAt)
  const hmac = hmacOf(guildId)
  const code = random.pick([
    () => codeAt(hmac, rule, step),
    () => codeAt(hmac, rule, step),
    () => codeAt(hmac, rule, step),
    () => codeAt(hmac, rule, step + 1),
    () => 'WRNG',
  ])()
  const user = `${1000 + random.integer(1, usersMax)}`
  return {
    feature, kind: 'submit-code', asker: member, userId: user as UserId, username: `u${user}`, code, submittedAt,
    heardAt: submittedAt + random.pick([20, 20, 500, 4_000]), voiceChannelId: null, facts: null,
  }
}

const ruleOf = (rotatesFrom: number): CodeRule => ({ secretId: '', rotatesFrom, intervalMs, codeLength: 4, alphabet: 'full', grace: 0 })

const hmacOf = (guildId: string) => (message: Uint8Array): Uint8Array => createHmac('sha256', secretOf(guildId)).update(message).digest()

/** Whether this code counts at this instant in a class of this rule: told from outside, for the books. */
export function isRight(guildId: string, rule: CodeRule, typed: { readonly code: string; readonly submittedAt: number }): boolean {
  return acceptedCodes(hmacOf(guildId), rule, typed.submittedAt).includes(typed.code.trim().toUpperCase())
}
