/**
 * A role panel: what an admin makes, and what a member clicks. Words shared by commands, events and state.
 */
import type { ChannelId, RoleId, UserId } from '../../kernel/ids.ts'

export const panelStyles = ['buttons', 'menu'] as const
export type PanelStyle = (typeof panelStyles)[number]

/**
 * toggle: a click gives or takes · unique: at most one of the panel · add-only · remove-only · limit: between `min` and
 * `max` of the panel · binding: the first choice stays.
 */
export const panelModes = ['toggle', 'unique', 'add-only', 'remove-only', 'limit', 'binding'] as const
export type PanelMode = (typeof panelModes)[number]

export interface PanelRole {
  readonly roleId: RoleId
  /** 1 … 80 characters. */
  readonly label: string
  /** One emoji, or `<:name:id>`; null: none. */
  readonly emoji: string | null
  /** At most 100 characters; null: none. */
  readonly description: string | null
  /** How long it is held, in ms; null: for good. */
  readonly temporaryMs: number | null
  /** How many members may have it by this panel; null: any number. */
  readonly seats: number | null
  /** One of these must be held; empty: none. */
  readonly required: readonly RoleId[]
  /** None of these may be held. */
  readonly forbidden: readonly RoleId[]
  /** The dangerous permission bits, decimal, that were confirmed for it; `0`: none. */
  readonly confirmed: string
  readonly addedBy: UserId
}

/** What may be changed of an entry. */
export type PanelRoleChanges = Partial<
  Pick<PanelRole, 'label' | 'emoji' | 'description' | 'temporaryMs' | 'seats' | 'required' | 'forbidden'>
>

export interface PanelSettings {
  /** 1 … 100 characters, trimmed; one of its guild, whatever the case. */
  readonly name: string
  /** At most 4,000 characters. */
  readonly description: string
  readonly style: PanelStyle
  readonly mode: PanelMode
  /** Of mode `limit`: how many of the panel a member holds at least and at most. */
  readonly min: number
  readonly max: number
  /** 0 … 0xffffff. */
  readonly color: number
}

/** Where the panel stands in Discord. */
export interface PanelPost {
  readonly channelId: ChannelId
  readonly messageId: string
}

export interface Panel extends PanelSettings {
  readonly panelId: string
  readonly roles: readonly PanelRole[]
  /** Grows with each change that the message shows. */
  readonly revision: number
  /** Where it is to be; null: a draft. */
  readonly target: ChannelId | null
  readonly post: PanelPost | null
  /** Of the message; 0: never shown. */
  readonly shownRevision: number
  /** True while an update of the message is on its way. */
  readonly isShowing: boolean
  /** Why the newest update was impossible; null: it was not. */
  readonly failure: string | null
  readonly createdBy: UserId
}

/** Why a role is not given or taken by a click, by rules of the panel. */
export type PanelObstacle =
  | 'not-in-panel' // the entry was removed meanwhile
  | 'held-already' // add-only
  | 'not-held' // remove-only
  | 'add-only'
  | 'remove-only'
  | 'below-minimum'
  | 'above-maximum'
  | 'bound' // binding: the first choice stays
  | 'one-only' // unique: another one of the same choice was taken
  | 'no-seat'
  | 'role-required'
  | 'role-forbidden'
  | 'too-many-temporary'

/** Why a role cannot be given or taken at all, by what Discord has told of the guild. */
export type RoleObstacle =
  | 'role-gone'
  | 'everyone'
  | 'managed'
  | 'bot-lacks-permission'
  | 'above-bot'
  | 'above-editor' // only where an editor adds it
  | 'dangerous' // its permissions were not confirmed

export type ClickObstacle = PanelObstacle | RoleObstacle

/** A panel as a row, for whoever looks at the database: the truth is the guild's journal. `panel` null: it was deleted. */
export interface PanelRow {
  readonly panelId: string
  readonly panel: Panel | null
}
