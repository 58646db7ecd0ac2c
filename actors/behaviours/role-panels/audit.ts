/**
 * The audit channel is told what changed: lines are collected, ten a post, and posts wait for those before them. Roles
 * never wait for the audit; where it cannot keep up, lines are counted instead of kept.
 */
import type { PanelEditCommand, PanelSettleCommand } from '../../protocol/role-panels.ts'
import type { PanelDecision, State } from './state.ts'

/** Embeds of one message. https://docs.discord.com/developers/resources/message#embed-object */
export const linesPerPost = 10
export const collectMs = 5_000
/** Posts of one guild on their way at once: what comes meanwhile is collected. */
const postingMax = 1

const reply = { kind: 'panel-noted' } as const

/** When the audit is posted next; null: nothing waits, or a post is on its way. */
export function auditDueAt({ audit }: State): number | null {
  const [first] = audit.queue
  if (first === undefined || audit.channelId === null || audit.posting >= postingMax) return null
  return first.at + (audit.queue.length >= linesPerPost ? 0 : collectMs)
}

export function flushAudit({ audit }: State): PanelDecision {
  const lines = audit.queue.slice(0, linesPerPost)
  if (lines.length === 0 || audit.channelId === null) return { events: [], reply }
  const { channelId } = audit
  return {
    events: [{ kind: 'audit-posted', count: lines.length }],
    effects: [{ delivery: 'outbox', kind: 'post-audit', target: `audit:${channelId}`, payload: { channelId, lines } }],
    reply,
  }
}

export function settleAudit({ channelId, reason }: Extract<PanelSettleCommand, { kind: 'settle-audit' }>): PanelDecision {
  return { events: [{ kind: 'audit-settled', channelId, failure: reason }], reply }
}

export function setAuditChannel({ audit }: State, { channelId, byUserId }: Extract<PanelEditCommand, { kind: 'set-audit-channel' }>): PanelDecision {
  const isSame = audit.channelId === channelId && audit.failure === null
  return { events: isSame ? [] : [{ kind: 'audit-channel-set', channelId, byUserId }], reply: { kind: 'panel-set', panelId: '', changed: !isSame } }
}
