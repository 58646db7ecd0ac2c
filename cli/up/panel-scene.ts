/**
 * The part of the scene that shows a role panel: the owner makes one in Discord, members click it.
 *
 * What was made by an earlier run is found again and used. Clicks are answered when the role is there.
 */
import type { HandleClient, MemberClient } from '../../sandbox/people/client-member.ts'
import type { GuildClient } from '../../sandbox/people/client.ts'

export interface PanelCast {
  readonly guild: GuildClient
  readonly owner: MemberClient
  readonly members: ReadonlyMap<string, MemberClient>
  /** Channels by name. */
  readonly rooms: ReadonlyMap<string, string>
}

interface PanelSceneDeps {
  say(sentence: string): void
}

type Message = Awaited<ReturnType<MemberClient['messages']>>[number]
type Shown = Pick<Message, 'id' | 'channel_id' | 'components' | 'content'>

const panelName = 'Your side'
const sides = ['White', 'Black'] as const

export class PanelScene {
  readonly #deps: PanelSceneDeps
  readonly #cast: PanelCast
  /** Ids of the roles by name. */
  #roles = new Map<string, string>()
  #message: Message | null = null

  constructor(deps: PanelSceneDeps, cast: PanelCast) {
    this.#deps = deps
    this.#cast = cast
  }

  /** The panel stands in `general` when this resolves. */
  async open(): Promise<void> {
    const { guild, owner } = this.#cast
    const known = new Map((await guild.describe()).roles.map(({ name, id }) => [name, id]))
    for (const side of sides) this.#roles.set(side, known.get(side) ?? (await guild.createRole({ name: side })).id)
    this.#message = (await this.#find()) ?? (await this.#make(owner))
    this.#deps.say(`In #general stands the panel "${panelName}" with the buttons ${sides.join(' and ')}.`)
  }

  async click(name: string, side: (typeof sides)[number]): Promise<void> {
    const member = this.#cast.members.get(name)
    if (member === undefined || this.#message === null) return
    const id = idOf(this.#message, (one) => one.includes(`:${this.#roles.get(side) ?? ''}`))
    const told = await shown(await member.click(this.#message, id))
    this.#deps.say(`${name} clicks "${side}":`)
    this.#deps.say(`    ${(told.content ?? '').replaceAll(/<@&(\d+)>/g, (mention: string, role: string) => this.#nameOf(role) ?? mention)}`)
  }

  #nameOf(roleId: string): string | undefined {
    return [...this.#roles].find(([, id]) => id === roleId)?.[0]
  }

  async #find(): Promise<Message | null> {
    const messages = await this.#cast.owner.messages(this.#cast.rooms.get('general') ?? '')
    return messages.find((message) => idsOf(message).some((id) => id.startsWith('panel:role:'))) ?? null
  }

  async #make(owner: MemberClient): Promise<Message> {
    this.#deps.say('The owner types /panel create, adds two roles, allows one of them a member, and posts it.')
    const opened = await owner.slash('panel create')
    await opened.reply()
    let view = await shown(await owner.submit(opened, { name: panelName, description: 'Which pieces do you play tonight? Click once to take them, again to give them back.' }))
    const press = async (action: string): Promise<void> => {
      view = await shown(await owner.click(view, idOf(view, acting(action))))
    }
    const choose = async (action: string, values: readonly string[]): Promise<void> => {
      view = await shown(await owner.select(view, idOf(view, acting(action)), values))
    }
    await press('add')
    await choose('add-pick', [...this.#roles.values()])
    await press('mode')
    await choose('mode-pick', ['unique'])
    await press('post')
    await choose('post-pick', [this.#cast.rooms.get('general') ?? ''])
    for (;;) {
      const message = await this.#find()
      if (message !== null) return message
    }
  }
}

const acting = (action: string) => (id: string): boolean => id.split(':')[1] === action

async function shown(handle: HandleClient): Promise<Shown> {
  const reply = await handle.reply()
  if (reply.kind !== 'message') throw new Error(`the scene expected a message and got a ${reply.kind}`)
  return reply.message
}

function idsOf({ components }: Pick<Shown, 'components'>): readonly string[] {
  const rows = (components ?? []) as readonly { readonly components?: readonly { readonly custom_id?: string }[] }[]
  return rows.flatMap((row) => row.components ?? []).flatMap(({ custom_id: id }) => (id === undefined ? [] : [id]))
}

function idOf(message: Shown, matches: (id: string) => boolean): string {
  const found = idsOf(message).find(matches)
  if (found === undefined) throw new Error('the scene looks for a button that is not there')
  return found
}
