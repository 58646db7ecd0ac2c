/**
 * The edit interface as an admin uses it: one ephemeral message, buttons pressed and menus chosen by what they do.
 *
 * A member who clicks a posted panel uses `pressPublic`. What a client refuses is thrown, as everywhere in the sandbox.
 */
import type { APIMessage } from 'discord-api-types/v10'
import { ComponentType, InteractionType } from 'discord-api-types/v10'
import { createSystemClock } from '../../kernel/clock.ts'
import type { Handle } from '../../sandbox/people/handle.ts'
import { createHandle } from '../../sandbox/people/handle.ts'
import type { MemberDriver } from '../../sandbox/people/member.ts'
import type { Sandbox } from '../../sandbox/server.ts'

interface Part {
  readonly custom_id?: string
  readonly label?: string
  readonly disabled?: boolean
  readonly options?: readonly { readonly label: string; readonly value: string; readonly default?: boolean }[]
  readonly components?: readonly Part[]
}

export function partsOf({ components }: Pick<APIMessage, 'components'>): readonly Part[] {
  return ((components ?? []) as unknown as readonly Part[]).flatMap((row) => row.components ?? [])
}

/** The part that does this: the second word of its custom id, and an argument where there are several. */
export function partOf(message: APIMessage, action: string, argument?: string): Part & { readonly custom_id: string } {
  const found = partsOf(message).find(({ custom_id: id }) => {
    const [, named, , ...args] = (id ?? '').split(':')
    return named === action && (argument === undefined || args.includes(argument))
  })
  if (found?.custom_id === undefined) throw new Error(`nothing does "${action}" in: ${partsOf(message).map(({ custom_id: id }) => id).join(' ')}`)
  return found as Part & { readonly custom_id: string }
}

export function wordsOf({ content, embeds }: APIMessage): string {
  const parts = embeds.flatMap(({ title, description, fields, footer }) => [title, description, ...(fields ?? []).map(({ name, value }) => `${name}: ${value}`), footer?.text])
  return [content, ...parts].filter((part) => part !== undefined && part !== '').join('\n')
}

export async function messageOf(handle: Handle): Promise<APIMessage> {
  const reply = await handle.reply()
  if (reply.kind !== 'message') throw new Error(`answered with ${JSON.stringify(reply)}`)
  return reply.message
}

export class PanelScreen {
  readonly member: MemberDriver
  message: APIMessage
  #handle: Handle | null = null

  constructor(member: MemberDriver, message: APIMessage) {
    this.member = member
    this.message = message
  }

  static async create(member: MemberDriver, fields: { readonly name: string; readonly description?: string }): Promise<PanelScreen> {
    const opened = member.slash('panel create')
    await opened.reply()
    return new PanelScreen(member, await messageOf(member.submit(opened, { description: '', ...fields })))
  }

  static async open(member: MemberDriver, name: string): Promise<PanelScreen> {
    return new PanelScreen(member, await messageOf(member.slash('panel edit', { name })))
  }

  get words(): string {
    return wordsOf(this.message)
  }

  get panelId(): string {
    return /^[\w-]+:[\w-]+:\d+:([a-z0-9]+)/.exec(partsOf(this.message)[0]?.custom_id ?? '')?.[1] ?? ''
  }

  async press(action: string, argument?: string): Promise<this> {
    this.message = await messageOf(this.member.click(this.message, partOf(this.message, action, argument).custom_id))
    return this
  }

  async choose(action: string, values: readonly string[]): Promise<this> {
    this.message = await messageOf(this.member.select(this.message, partOf(this.message, action).custom_id, values))
    return this
  }

  /** The panel as it is now: there and back. */
  async again(): Promise<this> {
    if (!partsOf(this.message).some(({ custom_id: id }) => id?.split(':')[1] === 'main')) await this.press('mode')
    return await this.press('main')
  }

  /** Opens a form by a button, or by a choice in a menu. */
  async openForm(action: string, values?: readonly string[]): Promise<Readonly<Record<string, string>>> {
    const id = partOf(this.message, action).custom_id
    this.#handle = values === undefined ? this.member.click(this.message, id) : this.member.select(this.message, id, values)
    const reply = await this.#handle.reply()
    if (reply.kind !== 'modal') throw new Error(`answered with ${JSON.stringify(reply)}`)
    const inputs = reply.modal.components as unknown as readonly { readonly component: { readonly custom_id: string; readonly value?: string } }[]
    return Object.fromEntries(inputs.map(({ component }) => [component.custom_id, component.value ?? '']))
  }

  async submit(fields: Readonly<Record<string, string>>): Promise<this> {
    if (this.#handle === null) throw new Error('no form is open')
    this.message = await messageOf(this.member.submit(this.#handle, fields))
    return this
  }
}

/** A click that no client would send: any custom id, on any message. */
export function forgeClick(sandbox: Sandbox, who: { readonly member: MemberDriver; readonly message: Pick<APIMessage, 'id' | 'channel_id'> }, customId: string): Handle {
  const { member, message } = who
  const record = sandbox.interactions.create({
    type: InteractionType.MessageComponent,
    data: { custom_id: customId, component_type: ComponentType.Button },
    guildId: member.guildId,
    userId: member.userId,
    channelId: message.channel_id,
    messageId: message.id,
  })
  return createHandle({ world: sandbox.world, interactions: sandbox.interactions, clock: createSystemClock() }, record)
}
