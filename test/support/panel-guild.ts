/**
 * A guild's role panels alone: commands decided and applied as the runtime does, with Discord played by hand.
 *
 * Effects on roles wait until `discord` says what became of the first of them; an answer that leaves is kept with who it is
 * for. Each turn is checked: decide changes nothing, events and effects keep to the runtime's bounds, and replaying the
 * journal gives the same state (I11).
 */
import { decide } from '../../actors/behaviours/role-panels/decide.ts'
import { evolve } from '../../actors/behaviours/role-panels/evolve.ts'
import { rolePanels } from '../../actors/behaviours/role-panels/role-panels.ts'
import { initialState } from '../../actors/behaviours/role-panels/state.ts'
import type { Effect, EffectResult } from '../../actors/protocol/effect.ts'
import type { PanelRoleChanges, PanelSettings } from '../../actors/protocol/role-panel.ts'
import type { ChangeAnswer, ClickingMember, RolePanelsCommand, RolePanelsEvent, RolePanelsReply, RolePanelsState } from '../../actors/protocol/role-panels.ts'
import { guildId, opId, roleId, userId } from '../../kernel/ids.ts'
import type { RoleId, UserId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import { seededRandom } from './records.ts'

const feature = 'role-panels' as const
export const role = (number: number): RoleId => roleId(String(5_000 + number))
export const user = (number: number): UserId => userId(String(1_000 + number))
export const admin = user(0)

type OutboxEffect = Extract<Effect, { delivery: 'outbox' }>
export const done: EffectResult = { kind: 'done', answer: {} }

export class PanelGuild {
  state: RolePanelsState = initialState()
  now = 1_000_000
  readonly journal: { readonly at: number; readonly event: RolePanelsEvent }[] = []
  readonly effects: OutboxEffect[] = []
  /** What members hold, as Discord has it. */
  readonly held = new Map<UserId, Set<RoleId>>()
  readonly answers: ChangeAnswer[] = []
  /** False where thousands of turns are taken: looking at the whole state each time is what would take the time. */
  isStrict = true
  readonly #random = seededRandom('panels')
  #ops = 0

  run(command: RolePanelsCommand): RolePanelsReply {
    this.#fireAlarms()
    return this.#decide(command, `op-${(this.#ops += 1)}`)
  }

  pass(ms: number): void {
    this.now += ms
    this.#fireAlarms()
  }

  create(settings: Partial<PanelSettings> = {}, roles: readonly number[] = [1, 2, 3]): string {
    const { name = `panel ${this.#ops}`, ...changes } = settings
    const made = this.run({ feature, kind: 'create-panel', byUserId: admin, name, description: '' })
    if (made.kind !== 'panel-set') throw new Error(`not created: ${JSON.stringify(made)}`)
    const { panelId } = made
    if (Object.keys(changes).length > 0) this.run({ feature, kind: 'change-panel', byUserId: admin, panelId, changes })
    if (roles.length > 0) this.run({ feature, kind: 'add-panel-roles', byUserId: admin, panelId, roles: roles.map((one) => ({ roleId: role(one), label: `role ${one}`, confirmed: '0' })) })
    return panelId
  }

  edit(panelId: string, number: number, changes: PanelRoleChanges): RolePanelsReply {
    return this.run({ feature, kind: 'edit-panel-role', byUserId: admin, panelId, roleId: role(number), changes })
  }

  member(number: number, more: Partial<ClickingMember> = {}): ClickingMember {
    return { userId: user(number), roles: [...(this.held.get(user(number)) ?? [])], clickedAt: this.now, obstacles: {}, dangers: {}, ...more }
  }

  click(panelId: string, number: number, wanted: number, more: Partial<ClickingMember> = {}): RolePanelsReply {
    return this.run({ feature, kind: 'click-role', panelId, roleId: role(wanted), member: this.member(number, more), ticket: this.#ticket() })
  }

  choose(panelId: string, number: number, { offered, selected, ...more }: { offered: readonly number[]; selected: readonly number[] } & Partial<ClickingMember>): RolePanelsReply {
    return this.run({ feature, kind: 'choose-roles', panelId, offered: offered.map(role), selected: selected.map(role), member: this.member(number, more), ticket: this.#ticket() })
  }

  /** Discord speaks on the oldest effect that waits. */
  discord(result: EffectResult = done): OutboxEffect {
    const effect = this.effects.shift()
    if (effect === undefined) throw new Error('nothing waits for Discord')
    if (effect.kind === 'add-role' && result.kind === 'done') this.#holdings(effect).add(effect.payload['roleId'] as RoleId)
    if (effect.kind === 'remove-role' && result.kind === 'done') this.#holdings(effect).delete(effect.payload['roleId'] as RoleId)
    if (effect.kind === 'answer-interaction') this.answers.push(effect.payload as unknown as ChangeAnswer)
    const command = rolePanels.onEffectSettled?.({ feature, ...effect }, result) ?? null
    if (command !== null) this.run(command)
    return effect
  }

  /** Discord speaks until nothing waits. */
  settle(result: EffectResult = done): void {
    while (this.effects.length > 0) this.discord(result)
  }

  heldBy(number: number): readonly RoleId[] {
    return [...(this.held.get(user(number)) ?? [])]
  }

  kinds(): readonly string[] {
    return this.journal.map(({ event }) => event.kind)
  }

  #holdings({ payload }: OutboxEffect): Set<RoleId> {
    const holder = payload['userId'] as UserId
    const roles = this.held.get(holder) ?? new Set()
    this.held.set(holder, roles)
    return roles
  }

  #ticket() {
    return { interactionId: String(9_000 + this.#ops), applicationId: '1', token: 'secret-token', locale: 'en-US' }
  }

  #decide(command: RolePanelsCommand, op: string): RolePanelsReply {
    const before = this.isStrict ? JSON.stringify(this.state) : ''
    const context = { guildId: guildId('7'), opId: opId(op), now: this.now, random: this.#random }
    const { events, effects = [], reply } = decide(this.state, command, context)
    if (this.isStrict && JSON.stringify(this.state) !== before) throw new Error('decide changed the state')
    if (events.length > limits.commitBatchEventsMax) throw new Error('a turn does not fit a commit')
    if (events.length === 0 && effects.length > 0) throw new Error('an effect without an event')
    if (rolePanels.reads.has(command.kind) && events.length > 0) throw new Error('a read decided an event')
    if (!rolePanels.reads.has(command.kind) && JSON.stringify(reply).length > limits.opResultBytesMax - 64) throw new Error('a reply is larger than is kept')
    if (JSON.stringify(events).includes('secret-token')) throw new Error('a token was journaled')
    for (const event of events) {
      this.journal.push({ at: this.now, event: structuredClone(event) })
      this.state = evolve(this.state, event, this.now)
    }
    for (const effect of effects) if (effect.delivery === 'outbox') this.effects.push(effect)
    return reply
  }

  #fireAlarms(): void {
    for (;;) {
      const due = (rolePanels.alarms?.(this.state) ?? []).filter(({ dueAt }) => dueAt <= this.now).toSorted((a, b) => a.dueAt - b.dueAt)[0]
      if (due === undefined) return
      const command = rolePanels.onAlarm?.(due.purpose, due.dueAt)
      if (command === undefined) throw new Error('an alarm without a command')
      this.#decide(command, `alarm-${due.purpose}-${(this.#ops += 1)}`)
      const again = rolePanels.alarms?.(this.state).find(({ purpose }) => purpose === due.purpose)
      if (again?.dueAt === due.dueAt) throw new Error(`the alarm ${due.purpose} has not moved`)
    }
  }
}

/** The state that the journal tells, from nothing. */
export function replay(journal: PanelGuild['journal']): RolePanelsState {
  let state = initialState()
  for (const { at, event } of journal) state = evolve(state, structuredClone(event), at)
  return state
}
