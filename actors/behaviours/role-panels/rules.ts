/**
 * Which of the roles that a member wants to have or to lose may change, by the panel's mode and the rules of each role.
 * Pure and without side: what is decided here happens in the turn that asked.
 */
import type { RoleId } from '../../../kernel/ids.ts'
import type { ClickObstacle, Panel, PanelRole } from '../../protocol/role-panel.ts'
import type { RefusedRole } from '../../protocol/role-panels.ts'
import { entryOf } from './state.ts'

export interface Wish {
  readonly adds: readonly RoleId[]
  readonly removes: readonly RoleId[]
}

export interface RuleFacts {
  /** Every role the member has now. */
  readonly held: ReadonlySet<RoleId>
  /** Why Discord would not let this role be given or taken. */
  obstacle(roleId: RoleId): ClickObstacle | null
  /** Why this grant is not possible now: no seat, unconfirmed permissions, too many that end. */
  grantObstacle(entry: PanelRole): ClickObstacle | null
}

export interface Allowed {
  readonly adds: readonly RoleId[]
  readonly removes: readonly RoleId[]
  readonly refused: readonly RefusedRole[]
}

export function applyRules(panel: Panel, wish: Wish, facts: RuleFacts): Allowed {
  const refused: RefusedRole[] = []
  const passing = (roles: readonly RoleId[], problemOf: (roleId: RoleId, passed: readonly RoleId[]) => ClickObstacle | null): RoleId[] => {
    const passed: RoleId[] = []
    for (const roleId of roles) {
      const reason = problemOf(roleId, passed)
      if (reason === null) passed.push(roleId)
      else refused.push({ roleId, reason })
    }
    return passed
  }
  let removes = passing(wish.removes, (roleId) => removeProblem(panel, roleId, facts))
  const left = new Set([...facts.held].filter((roleId) => !removes.includes(roleId)))
  let adds = passing(wish.adds, (roleId, passed) => addProblem(panel, roleId, { facts, left, passed }))
  if (panel.mode === 'unique' && adds.length > 0) {
    const others = panel.roles.map((entry) => entry.roleId).filter((roleId) => left.has(roleId) && !adds.includes(roleId))
    const stuck = others.map((roleId) => facts.obstacle(roleId)).find((reason) => reason !== null)
    // One that cannot be taken stays, so no other may be given beside it.
    if (stuck === undefined) removes = [...removes, ...others]
    else adds = passing(adds, () => stuck ?? null)
  }
  if (panel.mode === 'limit') {
    const heldCount = panel.roles.filter((entry) => facts.held.has(entry.roleId)).length
    const room = Math.max(0, panel.max - (heldCount - removes.length))
    adds = passing(adds, (_, passed) => (passed.length >= room ? 'above-maximum' : null))
    const spare = Math.max(0, heldCount + adds.length - panel.min)
    removes = passing(removes, (_, passed) => (passed.length >= spare ? 'below-minimum' : null))
  }
  return { adds, removes, refused }
}

function removeProblem(panel: Panel, roleId: RoleId, facts: RuleFacts): ClickObstacle | null {
  if (entryOf(panel, roleId) === undefined) return 'not-in-panel'
  if (panel.mode === 'add-only') return 'add-only'
  if (panel.mode === 'binding') return 'bound'
  return facts.obstacle(roleId)
}

function addProblem(
  panel: Panel,
  roleId: RoleId,
  { facts, left, passed }: { readonly facts: RuleFacts; readonly left: ReadonlySet<RoleId>; readonly passed: readonly RoleId[] },
): ClickObstacle | null {
  const entry = entryOf(panel, roleId)
  if (entry === undefined) return 'not-in-panel'
  if (panel.mode === 'remove-only') return 'remove-only'
  const isBound = panel.mode === 'binding' && (passed.length > 0 || panel.roles.some((one) => facts.held.has(one.roleId)))
  if (isBound) return 'bound'
  if (panel.mode === 'unique' && passed.length > 0) return 'one-only'
  const holds = (role: RoleId): boolean => left.has(role) || passed.includes(role)
  if (entry.required.length > 0 && !entry.required.some(holds)) return 'role-required'
  if (entry.forbidden.some(holds)) return 'role-forbidden'
  return facts.obstacle(roleId) ?? facts.grantObstacle(entry)
}
