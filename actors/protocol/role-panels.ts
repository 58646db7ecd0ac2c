/**
 * Role panels: what can be asked, what can happen. Times are Unix milliseconds, database's clock.
 *
 * A role change begins in the turn of its click and is settled when Discord has agreed or refused. Only then is the person
 * told: the change's last effect carries a ticket, and what became of it goes out as an effect of its own. So whoever owns
 * the guild by then can answer, and the interaction's token is in no journal.
 */
import type { ChannelId, RoleId, UserId } from '../../kernel/ids.ts'
import type { EffectResult } from './effect.ts'
import type { ClickObstacle, Panel, PanelMode, PanelRole, PanelRoleChanges, PanelSettings, PanelStyle, RoleObstacle } from './role-panel.ts'

const feature = 'role-panels'
type Of<Kind extends string> = { readonly feature: typeof feature; readonly kind: Kind }

/** What Discord said with a click: who it was, what they held then, and which of those roles cannot be touched. */
export interface ClickingMember {
  readonly userId: UserId
  readonly roles: readonly RoleId[]
  /** The click's own time, out of its interaction's id. */
  readonly clickedAt: number
  /** Of the roles named and held, those that cannot be given or taken. */
  readonly obstacles: Readonly<Record<string, RoleObstacle>>
  /** Dangerous permission bits of the roles named, decimal; absent: none. */
  readonly dangers: Readonly<Record<string, string>>
}

/** How a person can be answered for fifteen minutes: part of outbox rows, never journaled. */
export interface AnswerTicket {
  readonly interactionId: string
  readonly applicationId: string
  readonly token: string
  readonly locale: string
}

/** What is carried by the last effect of a change. */
export interface ChangeTicket extends AnswerTicket {
  readonly how: 'button' | 'menu'
  /** Roles of the panel that the member held before. */
  readonly held: readonly RoleId[]
}

export type PanelEditCommand =
  | (Of<'create-panel'> & { readonly byUserId: UserId; readonly name: string; readonly description: string })
  | (Of<'change-panel'> & { readonly byUserId: UserId; readonly panelId: string; readonly changes: Partial<PanelSettings> })
  | (Of<'add-panel-roles'> & {
      readonly byUserId: UserId
      readonly panelId: string
      readonly roles: readonly { readonly roleId: RoleId; readonly label: string; readonly confirmed: string }[]
    })
  | (Of<'edit-panel-role'> & { readonly byUserId: UserId; readonly panelId: string; readonly roleId: RoleId; readonly changes: PanelRoleChanges })
  | (Of<'remove-panel-roles'> & { readonly byUserId: UserId; readonly panelId: string; readonly roleIds: readonly RoleId[] })
  /** `channelId` null: where it is. */
  | (Of<'post-panel'> & { readonly byUserId: UserId; readonly panelId: string; readonly channelId: ChannelId | null })
  | (Of<'delete-panel'> & { readonly byUserId: UserId; readonly panelId: string; readonly keepsMessage: boolean })
  | (Of<'remove-orphan'> & { readonly byUserId: UserId; readonly panelId: string; readonly channelId: ChannelId; readonly messageId: string })
  | (Of<'set-audit-channel'> & { readonly byUserId: UserId; readonly channelId: ChannelId | null })
  /** What was found out by looking at members: they do not hold the role any more. */
  | (Of<'free-seats'> & { readonly panelId: string; readonly roleId: RoleId; readonly userIds: readonly UserId[] })

export type PanelUseCommand =
  | (Of<'click-role'> & { readonly panelId: string; readonly roleId: RoleId; readonly member: ClickingMember; readonly ticket: AnswerTicket })
  | (Of<'choose-roles'> & {
      readonly panelId: string
      /** Roles of the menu that was used, and those chosen of it. */
      readonly offered: readonly RoleId[]
      readonly selected: readonly RoleId[]
      readonly member: ClickingMember
      readonly ticket: AnswerTicket
    })
  /** With the members intent: the roles a member has now; null: they left. */
  | (Of<'observe-member'> & { readonly userId: UserId; readonly roles: readonly RoleId[] | null })

export type PanelSettleCommand =
  | (Of<'settle-role-change'> & {
      readonly changeId: string
      readonly roleId: RoleId
      readonly result: EffectResult['kind']
      readonly reason: string | null
      /** Of the change's last effect; null: others follow, or nobody waits. */
      readonly ticket: ChangeTicket | null
    })
  | (Of<'settle-show'> & { readonly panelId: string; readonly shown: { readonly channelId: ChannelId; readonly messageId: string; readonly revision: number } | null; readonly reason: string | null })
  | (Of<'settle-audit'> & { readonly channelId: ChannelId; readonly reason: string | null })
  | Of<'expire-roles'>
  | Of<'flush-audit'>
  /** The guild changed hands: what was done lately is looked at again, and driven to what was intended. */
  | Of<'confirm-roles'>
  | Of<'drive-roles'>

export type PanelReadCommand =
  | (Of<'read-panel'> & { readonly panelId: string })
  | Of<'list-panels'>
  /** Panels whose name begins like this, whatever the case, at most 25. */
  | (Of<'find-panels'> & { readonly prefix: string })
  | (Of<'open-menus'> & { readonly panelId: string; readonly userId: UserId; readonly roles: readonly RoleId[]; readonly clickedAt: number })
  | Of<'read-panel-config'>

export type RolePanelsCommand = PanelEditCommand | PanelUseCommand | PanelSettleCommand | PanelReadCommand

export interface RefusedRole {
  readonly roleId: RoleId
  readonly reason: ClickObstacle
}

/** A role that Discord did not change, and why, in words for an admin. */
export interface FailedRole {
  readonly roleId: RoleId
  readonly reason: string
}

/** One line of the audit. */
export interface PanelAudit {
  readonly userId: UserId
  readonly panelName: string
  readonly kind: 'add' | 'remove' | 'sync' | 'expiry'
  readonly added: readonly RoleId[]
  readonly removed: readonly RoleId[]
  readonly failed: readonly RoleId[]
  readonly at: number
}

export type RolePanelsEvent =
  | { readonly kind: 'panel-created'; readonly panel: Panel }
  | { readonly kind: 'panel-changed'; readonly panelId: string; readonly changes: Partial<PanelSettings>; readonly byUserId: UserId }
  | { readonly kind: 'panel-roles-added'; readonly panelId: string; readonly roles: readonly PanelRole[] }
  | { readonly kind: 'panel-role-edited'; readonly panelId: string; readonly roleId: RoleId; readonly changes: PanelRoleChanges; readonly byUserId: UserId }
  | { readonly kind: 'panel-roles-removed'; readonly panelId: string; readonly roleIds: readonly RoleId[]; readonly byUserId: UserId }
  | { readonly kind: 'panel-posted'; readonly panelId: string; readonly channelId: ChannelId; readonly byUserId: UserId }
  | { readonly kind: 'panel-show-begun'; readonly panelId: string }
  | { readonly kind: 'panel-shown'; readonly panelId: string; readonly channelId: ChannelId; readonly messageId: string; readonly revision: number }
  | { readonly kind: 'panel-show-failed'; readonly panelId: string; readonly failure: string }
  | { readonly kind: 'panel-deleted'; readonly panelId: string; readonly byUserId: UserId }
  /** `byUserId` null: the panel was deleted while its message was on its way. */
  | { readonly kind: 'orphan-removed'; readonly panelId: string; readonly byUserId: UserId | null }
  | {
      readonly kind: 'role-change-begun'
      readonly changeId: string
      readonly userId: UserId
      readonly panelId: string
      readonly panelName: string
      readonly how: 'button' | 'menu' | 'expiry'
      readonly added: readonly RoleId[]
      readonly removed: readonly RoleId[]
      readonly refused: readonly RefusedRole[]
      /** Of those added, the ones that take a seat. */
      readonly seats: readonly RoleId[]
    }
  | {
      readonly kind: 'role-change-settled'
      readonly changeId: string
      readonly roleId: RoleId
      /** null: Discord agreed. */
      readonly failure: string | null
      /** Until when it is held; null: for good, or it was taken. */
      readonly until: number | null
    }
  | { readonly kind: 'seats-freed'; readonly roleId: RoleId; readonly panelId: string | null; readonly userIds: readonly UserId[] }
  | { readonly kind: 'roles-confirming'; readonly at: number | null }
  | { readonly kind: 'audit-channel-set'; readonly channelId: ChannelId | null; readonly byUserId: UserId }
  | { readonly kind: 'audit-posted'; readonly count: number }
  | { readonly kind: 'audit-settled'; readonly channelId: ChannelId; readonly failure: string | null }

export type PanelRefusal =
  | 'unknown-panel'
  | 'unknown-role' // it is not, or no longer, on the panel
  | 'name-empty'
  | 'name-too-long'
  | 'name-taken'
  | 'description-too-long'
  | 'label-length'
  | 'role-description-too-long'
  | 'emoji-invalid'
  | 'too-many-panels'
  | 'too-many-roles'
  | 'too-many-buttons'
  | 'role-twice' // all that were named are on the panel already
  | 'too-many-rule-roles'
  | 'seats-out-of-range'
  | 'duration-out-of-range'
  | 'limits-out-of-range'
  | 'color-invalid'
  | 'nothing-to-post' // a panel without roles
  | 'not-posted'
  | 'too-many-changes' // the guild has its bound of role changes on their way

/** One line of `/panel list`. */
export interface PanelLine {
  readonly panelId: string
  readonly name: string
  readonly channelId: ChannelId | null
  readonly roles: number
  readonly style: PanelStyle
  readonly mode: PanelMode
}

export interface PanelWithSeats extends Panel {
  /** Holders of seats by role. */
  readonly holders: Readonly<Record<string, readonly UserId[]>>
}

export type RolePanelsReply =
  | { readonly kind: 'panel-set'; readonly panelId: string; readonly changed: boolean }
  | { readonly kind: 'panel-refused'; readonly reason: PanelRefusal }
  | { readonly kind: 'panel'; readonly panel: PanelWithSeats }
  | { readonly kind: 'panels'; readonly panels: readonly PanelLine[] }
  | { readonly kind: 'panel-menus'; readonly panel: Panel; readonly held: readonly RoleId[] }
  /** `ahead`: role changes of this guild that Discord makes first. */
  | { readonly kind: 'role-change-begun'; readonly changeId: string; readonly ahead: number }
  /** Nothing is to be changed; every role that was asked for with its reason. */
  | { readonly kind: 'role-change-refused'; readonly refused: readonly RefusedRole[]; readonly held: readonly RoleId[] }
  | { readonly kind: 'panel-config'; readonly config: PanelConfig }
  | { readonly kind: 'panel-noted' }

export interface PanelConfig {
  readonly auditChannelId: ChannelId | null
  readonly auditFailure: string | null
  /** Lines of the audit that were not shown because too many waited. */
  readonly auditDropped: number
  readonly panels: number
  readonly changesOnTheirWay: number
  readonly temporaryRoles: number
}

/** Payload of the outbox effect `answer-interaction`. */
export interface ChangeAnswer {
  readonly ticket: ChangeTicket
  readonly panelId: string
  readonly userId: UserId
  readonly added: readonly RoleId[]
  readonly removed: readonly RoleId[]
  readonly failed: readonly FailedRole[]
  readonly refused: readonly RefusedRole[]
}

/** A change between its click and Discord's word on its last role. */
export interface RoleChange {
  readonly userId: UserId
  readonly panelId: string
  readonly panelName: string
  readonly how: 'button' | 'menu' | 'expiry'
  readonly added: readonly RoleId[]
  readonly removed: readonly RoleId[]
  readonly refused: readonly RefusedRole[]
  /** Discord has spoken on so many. */
  settled: number
  failed: FailedRole[]
}

export interface RolePanelsState {
  panels: Record<string, Panel>
  /** By change id. */
  changes: Record<string, RoleChange>
  /** How many those are, and how many roles of them Discord has not spoken on; kept, because a storm would count them over and over. */
  underway: { changes: number; roles: number }
  /** Newest change on its way, by user and role. */
  pending: Record<string, Record<string, { readonly wanted: 'add' | 'remove'; readonly changeId: string }>>
  /** What Discord agreed to lately, oldest first: a click may carry roles of before it, and a new owner looks at them again. */
  recent: { readonly userId: UserId; readonly roleId: RoleId; readonly wanted: 'add' | 'remove'; readonly at: number }[]
  /** When a grant ends, by `user role`. */
  temporary: Record<string, { readonly panelId: string; readonly until: number }>
  /** The earliest of them; null: none. Kept, because alarms are derived after every event. */
  nextExpiryAt: number | null
  /** Since when a seat is held, by panel, role and user. */
  seats: Record<string, Record<string, Record<string, number>>>
  audit: {
    channelId: ChannelId | null
    failure: string | null
    queue: PanelAudit[]
    /** Posts on their way. */
    posting: number
    dropped: number
  }
  /** When what was done lately is looked at again; null: it needs not. */
  confirmAt: number | null
  /** Counts turns of the alarm that ends grants, so that one which leaves some over is another alarm. */
  expiries: number
}
