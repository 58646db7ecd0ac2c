/**
 * A member's click on a button, or choice in a menu, becomes role changes: one effect a role, in order per member.
 */
import type { RoleId } from '../../../kernel/ids.ts'
import { limits } from '../../../kernel/limits.ts'
import type { DecideContext } from '../../protocol/behaviour.ts'
import type { Effect } from '../../protocol/effect.ts'
import type { Panel, PanelRole } from '../../protocol/role-panel.ts'
import type { ChangeTicket, ClickingMember, PanelUseCommand } from '../../protocol/role-panels.ts'
import type { Allowed, RuleFacts, Wish } from './rules.ts'
import { applyRules } from './rules.ts'
import type { PanelDecision, State } from './state.ts'
import { currentRoles, entryOf, findPanel, refuse, seatHolders } from './state.ts'

type Use<Kind extends PanelUseCommand['kind']> = Extract<PanelUseCommand, { kind: Kind }>

export function clickRole(state: State, command: Use<'click-role'>, context: DecideContext): PanelDecision {
  const { panelId, roleId, member, ticket } = command
  const panel = findPanel(state, panelId)
  if (panel === undefined) return refuse('unknown-panel')
  const held = currentRoles(state, member)
  const isHeld = held.has(roleId)
  // A button says "give or take"; where a mode knows one direction only, the other is told plainly.
  const plain = panel.mode === 'add-only' && isHeld ? 'held-already' : panel.mode === 'remove-only' && !isHeld ? 'not-held' : null
  if (plain !== null) return { events: [], reply: { kind: 'role-change-refused', refused: [{ roleId, reason: plain }], held: heldOf(panel, held) } }
  const wish: Wish = isHeld ? { adds: [], removes: [roleId] } : { adds: [roleId], removes: [] }
  return begin(state, { panel, member, held, wish, ticket: { ...ticket, how: 'button', held: heldOf(panel, held) } }, context)
}

export function chooseRoles(state: State, command: Use<'choose-roles'>, context: DecideContext): PanelDecision {
  const { panelId, offered, selected, member, ticket } = command
  const panel = findPanel(state, panelId)
  if (panel === undefined) return refuse('unknown-panel')
  const held = currentRoles(state, member)
  const wish: Wish = {
    adds: selected.filter((roleId) => !held.has(roleId)),
    // What was on the menu and is on the panel no more is nobody's to take.
    removes: offered.filter((roleId) => held.has(roleId) && !selected.includes(roleId) && entryOf(panel, roleId) !== undefined),
  }
  return begin(state, { panel, member, held, wish, ticket: { ...ticket, how: 'menu', held: heldOf(panel, held) } }, context)
}

export const heldOf = (panel: Panel, held: ReadonlySet<RoleId>): readonly RoleId[] =>
  panel.roles.map((entry) => entry.roleId).filter((roleId) => held.has(roleId))

interface Wishing {
  readonly panel: Panel
  readonly member: ClickingMember
  readonly held: ReadonlySet<RoleId>
  readonly wish: Wish
  readonly ticket: ChangeTicket
}

function begin(state: State, wishing: Wishing, context: DecideContext): PanelDecision {
  const { panel, member, wish, ticket } = wishing
  if (state.underway.changes >= limits.roleChangesMax) return refuse('too-many-changes')
  const allowed = applyRules(panel, wish, factsOf(state, panel, wishing))
  if (allowed.adds.length + allowed.removes.length === 0) {
    return { events: [], reply: { kind: 'role-change-refused', refused: allowed.refused, held: ticket.held } }
  }
  const changeId = context.opId
  return {
    events: [
      {
        kind: 'role-change-begun',
        changeId,
        userId: member.userId,
        panelId: panel.panelId,
        panelName: panel.name,
        how: ticket.how,
        added: allowed.adds,
        removed: allowed.removes,
        refused: allowed.refused,
        seats: allowed.adds.filter((roleId) => (entryOf(panel, roleId)?.seats ?? null) !== null),
      },
    ],
    effects: effectsOf({ changeId, panelId: panel.panelId, member, allowed, ticket }),
    reply: { kind: 'role-change-begun', changeId, ahead: state.underway.roles },
  }
}

function factsOf(state: State, { panelId }: Panel, { member, held }: Pick<Wishing, 'member' | 'held'>): RuleFacts {
  return {
    held,
    obstacle: (roleId) => member.obstacles[roleId] ?? null,
    grantObstacle(entry: PanelRole) {
      const dangers = BigInt(member.dangers[entry.roleId] ?? '0')
      if ((dangers & ~BigInt(entry.confirmed)) !== 0n) return 'dangerous'
      if (entry.temporaryMs !== null && Object.keys(state.temporary).length >= limits.temporaryRolesMax) return 'too-many-temporary'
      if (entry.seats === null) return null
      const holders = seatHolders(state, panelId, entry.roleId)
      return holders.length < entry.seats || holders.includes(member.userId) ? null : 'no-seat'
    },
  }
}

/** What is taken comes first; rows of one target run in order, so the last one's outcome is that of the whole change. */
function effectsOf({ changeId, panelId, member, allowed, ticket }: { changeId: string; panelId: string; member: ClickingMember; allowed: Allowed; ticket: ChangeTicket }): readonly Effect[] {
  const { userId } = member
  const steps = [
    ...allowed.removes.map((roleId) => ({ kind: 'remove-role' as const, roleId })),
    ...allowed.adds.map((roleId) => ({ kind: 'add-role' as const, roleId })),
  ]
  // Of one role alone Discord's word is the whole answer: whoever holds the interaction may pass it on at once.
  const alone = steps.length === 1 && ticket.how === 'button' ? { panelId } : {}
  return steps.map(({ kind, roleId }, index) => ({
    delivery: 'outbox',
    kind,
    target: `role:${userId}`,
    payload: { userId, roleId, changeId, reason: 'Role panel', ...(index === steps.length - 1 ? { ticket, ...alone } : {}) },
  }))
}
