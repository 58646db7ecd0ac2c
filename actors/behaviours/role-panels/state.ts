/**
 * What role panels keep of a guild, how a new guild starts, and how a panel is found.
 *
 * The guild's journal is the truth of panels, and this state its cache: a click needs no database, two admins and fifty
 * clickers are put in one order, and an edit is as durable as a record. What is long or fast lives elsewhere: a message's
 * content is made from the state when it is shown, tokens of interactions only in outbox rows.
 */
import { assert } from '../../../kernel/assert.ts'
import type { RoleId, UserId } from '../../../kernel/ids.ts'
import type { Decision } from '../../protocol/behaviour.ts'
import type { Panel, PanelRole } from '../../protocol/role-panel.ts'
import type { ClickingMember, PanelRefusal, RolePanelsEvent, RolePanelsReply, RolePanelsState } from '../../protocol/role-panels.ts'

export type State = Readonly<RolePanelsState>
export type PanelDecision = Decision<RolePanelsEvent, RolePanelsReply>

export const feature = 'role-panels' as const
export const stateVersion = 1

export function initialState(): RolePanelsState {
  return {
    panels: {},
    changes: {},
    underway: { changes: 0, roles: 0 },
    pending: {},
    recent: [],
    temporary: {},
    nextExpiryAt: null,
    seats: {},
    audit: { channelId: null, failure: null, queue: [], posting: 0, dropped: 0 },
    confirmAt: null,
    expiries: 0,
  }
}

/** Turns a stored state into today's. Version 1 is the first. */
export function upgradeState(state: unknown, fromVersion: number): RolePanelsState {
  assert(fromVersion === stateVersion, `role-panels state version ${fromVersion} is unknown`)
  return state as RolePanelsState
}

export const refuse = (reason: PanelRefusal): PanelDecision => ({ events: [], reply: { kind: 'panel-refused', reason } })

/** Ids have no space, so two different pairs never share a key. */
export const pairKey = (userId: UserId, roleId: RoleId): string => `${userId} ${roleId}`

/** The name comes from outside, in a custom id: words that every object knows are no panels. */
export function findPanel(state: State, panelId: string): Panel | undefined {
  return Object.hasOwn(state.panels, panelId) ? state.panels[panelId] : undefined
}

export function entryOf(panel: Panel, roleId: RoleId): PanelRole | undefined {
  return panel.roles.find((entry) => entry.roleId === roleId)
}

/** Discord's clock and ours may differ by so much; a change that old is in what a click carries, or will be looked up. */
const clockSkewMs = 2_000
/** For so long a change that Discord agreed to is remembered: a late click, and a late request of an owner before. */
export const recentKeptMs = 60_000

/**
 * The roles a member has now: those that came with the click, overlaid with this guild's changes that are on their way,
 * and with those that Discord agreed to after the click was made.
 */
export function currentRoles(state: State, member: Pick<ClickingMember, 'userId' | 'roles' | 'clickedAt'>): Set<RoleId> {
  const roles = new Set(member.roles)
  const apply = (roleId: RoleId, wanted: 'add' | 'remove'): void => void (wanted === 'add' ? roles.add(roleId) : roles.delete(roleId))
  for (const { userId, roleId, wanted, at } of state.recent) {
    if (userId === member.userId && member.clickedAt < at + clockSkewMs) apply(roleId, wanted)
  }
  for (const [roleId, { wanted }] of Object.entries(state.pending[member.userId] ?? {})) apply(roleId as RoleId, wanted)
  return roles
}

/** Members that hold a seat of the role by this panel. */
export function seatHolders(state: State, panelId: string, roleId: RoleId): readonly UserId[] {
  return Object.keys(state.seats[panelId]?.[roleId] ?? {}) as UserId[]
}

/**
 * True while Discord has still to speak on a grant of this role to this member, whatever was clicked after it: `pending` knows
 * the newest wish alone. Rows of one member run in order, removals of a change before its grants.
 */
export function isGrantOnItsWay(state: State, userId: UserId, roleId: RoleId): boolean {
  if (state.pending[userId]?.[roleId] === undefined) return false
  return Object.values(state.changes).some(({ userId: of, added, removed, settled }) => {
    const place = added.indexOf(roleId)
    return of === userId && place >= 0 && removed.length + place >= settled
  })
}
