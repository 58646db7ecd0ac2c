/**
 * Who is told of sessions that closed and of a period that ended: the guild's webhook, and roles by counted time.
 *
 * Log destinations are told by log.ts: completed sessions are collected and posted together.
 */
import type { RoleId, UserId } from '../../../kernel/ids.ts'
import type { VoicePeriodClosed, VoiceSessionClosed } from '../../protocol/voice-attendance.ts'
import type { WebhookEvent } from '../../protocol/voice-settings.ts'
import type { Draft } from './draft.ts'
import { totalWith } from './draft.ts'

/**
 * Deliveries of one guild that may be on their way. A receiver that is down for a day would otherwise fill the outbox of
 * the whole process; past it deliveries are skipped and counted, and `/admin webhook` shows how many.
 */
export const webhookDeliveriesMax = 200

/** Entries of a board that a webhook is told; the whole one is in the signed record. */
const webhookEntriesMax = 100

export function announceClosed(draft: Draft): void {
  const signed = draft.closed.filter(({ isUnsigned }) => isUnsigned !== true)
  if (signed.length === 0) return
  giveRolesOfCurrentPeriod(draft, signed)
  queueDelivery(draft, 'session.completed', signed.map(describeSession))
}

export interface PeriodEntry {
  readonly user_id: string
  readonly duration_seconds: number
  readonly sessions: number
}

export function announcePeriod(draft: Draft, closed: VoicePeriodClosed, entries: readonly PeriodEntry[]): void {
  settleRolesAtBoundary(draft, entries)
  const description = {
    period_id: closed.periodId,
    period_index: closed.index,
    started_at: new Date(closed.startedAt).toISOString(),
    ended_at: new Date(closed.endedAt).toISOString(),
    members: entries.length,
    entries: entries.slice(0, webhookEntriesMax),
  }
  queueDelivery(draft, 'period.closed', [description])
}

function describeSession(event: VoiceSessionClosed): Readonly<Record<string, unknown>> {
  return {
    session_id: event.sessionId,
    user_id: event.userId,
    channel_id: event.channelId,
    joined_at: new Date(event.joinedAt).toISOString(),
    left_at: new Date(event.leftAt).toISOString(),
    duration_seconds: event.durationSeconds,
    paused_seconds: event.pausedSeconds,
    unobserved_seconds: event.unobservedSeconds,
    recovered: event.recovered,
    split: event.nextSessionId !== undefined,
  }
}

/** What was set under Pro rests while the guild is in the free tier, its own or the cluster's default. */
const isFree = ({ state, context }: Draft): boolean => (state.tier ?? context.defaultTier) === 'free'

/** One delivery holds what one turn has to tell of a kind. */
function queueDelivery(draft: Draft, event: WebhookEvent, items: readonly unknown[]): void {
  const { webhook } = draft.state
  if (webhook === null || !webhook.isActive || isFree(draft) || !webhook.events.includes(event)) return
  const queuedHere = draft.events.filter(({ kind }) => kind === 'voice-webhook-queued').length
  const skipped = webhook.pending + queuedHere >= webhookDeliveriesMax
  draft.events.push({ kind: 'voice-webhook-queued', skipped })
  if (!skipped) deliver(draft, event, items)
}

export function deliver(draft: Draft, event: WebhookEvent | 'test', items: readonly unknown[]): void {
  const { webhook } = draft.state
  if (webhook === null) return
  draft.effects.push({
    delivery: 'outbox',
    kind: 'deliver-webhook',
    target: 'webhook',
    payload: { url: webhook.url, sealedSecret: webhook.sealedSecret, event, at: draft.context.now, items },
  })
}

function giveRolesOfCurrentPeriod(draft: Draft, closed: readonly VoiceSessionClosed[]): void {
  const { verifiedRoles } = draft.state
  if (isFree(draft)) return
  for (const [role, { within, minimumSeconds, holders }] of Object.entries(verifiedRoles)) {
    if (within !== 'current') continue
    const users = [...new Set(closed.filter(({ nextSessionId }) => nextSessionId === undefined).map(({ userId }) => userId))]
    const added = users.filter((user) => holders[user] === undefined && totalWith(draft, user) >= minimumSeconds)
    changeRole(draft, role as RoleId, { added, removed: [] })
  }
}

/** A fresh board: nobody has reached anything in it; what was reached in the last one is known now. */
function settleRolesAtBoundary(draft: Draft, entries: readonly PeriodEntry[]): void {
  const { verifiedRoles } = draft.state
  if (isFree(draft)) return
  for (const [role, { within, minimumSeconds, holders }] of Object.entries(verifiedRoles)) {
    const reached = within === 'last' ? entries.filter(({ duration_seconds }) => duration_seconds >= minimumSeconds) : []
    const keeps = new Set(reached.map(({ user_id }) => user_id))
    changeRole(draft, role as RoleId, {
      added: [...keeps].filter((user) => holders[user] === undefined) as UserId[],
      removed: Object.keys(holders).filter((user) => !keeps.has(user)) as UserId[],
    })
  }
}

export function changeRole(
  draft: Draft,
  roleId: RoleId,
  { added, removed }: { readonly added: readonly UserId[]; readonly removed: readonly UserId[] },
): void {
  if (added.length === 0 && removed.length === 0) return
  draft.events.push({ kind: 'voice-roles-changed', roleId, added, removed })
  for (const [kind, users] of [['add-role', added], ['remove-role', removed]] as const) {
    for (const userId of users) {
      draft.effects.push({ delivery: 'outbox', kind, target: `role:${userId}`, payload: { userId, roleId, reason: 'Voice attendance' } })
    }
  }
}
