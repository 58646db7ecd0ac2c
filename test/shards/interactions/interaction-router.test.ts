/** Who answers what was clicked or filled in, and who is refused: guild and permission are looked at again at every click. */
import { expect } from 'chai'
import type { APIInteraction } from 'discord-api-types/v10'
import { ComponentType, InteractionType, PermissionFlagsBits } from 'discord-api-types/v10'
import fc from 'fast-check'
import type { InteractionContext, MessageAnswer } from '../../../shards/commands/slash-command.ts'
import type { ComponentHandler } from '../../../shards/interactions/component-handler.ts'
import { formatCustomId, parseCustomId } from '../../../shards/interactions/custom-id.ts'
import { routeInteraction } from '../../../shards/interactions/interaction-router.ts'
import { componentHandlers } from '../../../shards/components/registry.ts'
import { slashCommands } from '../../../shards/commands/registry.ts'
import { guildId } from '../../../kernel/ids.ts'

const guild = guildId('1142857142857142857')
const manager = String(PermissionFlagsBits.ManageGuild)
const said = (content: string): MessageAnswer => ({ content })

const panels: ComponentHandler = {
  feature: 'panels',
  permission: PermissionFlagsBits.ManageGuild,
  replacesMessage: true,
  click: ({ action, args }) => said(`clicked ${action} ${args.join(' ')}`),
  submit: ({ action, text }) => said(`submitted ${action} ${text('words')} ${text('missing')}.`),
}
const open: ComponentHandler = { feature: 'open', permission: null, replacesMessage: false, click: () => said('anybody') }
const routes = { commands: new Map(), components: new Map([panels, open].map((handler) => [handler.feature, handler])), definitions: [] }

interface Act {
  readonly customId: string
  readonly permissions?: string
  readonly inGuild?: string
  readonly isSubmitted?: boolean
  readonly hasMessage?: boolean
}

function act({ customId, permissions = manager, inGuild = guild, isSubmitted = false, hasMessage = true }: Act): { content: string; replacesMessage: boolean } {
  const input = { type: ComponentType.TextInput, custom_id: 'words', value: 'by heart' }
  const interaction = {
    type: isSubmitted ? InteractionType.ModalSubmit : InteractionType.MessageComponent,
    guild_id: inGuild,
    member: { permissions },
    ...(hasMessage ? { message: {} } : {}),
    data: { custom_id: customId, components: [{ type: ComponentType.Label, component: input }] },
  }
  const routed = routeInteraction(routes, interaction as unknown as APIInteraction)
  const answer = routed?.answer({} as InteractionContext) as MessageAnswer | undefined
  return { content: answer?.content ?? '', replacesMessage: routed?.replacesMessage ?? false }
}

const id = (action: string, args: readonly string[] = []): string => formatCustomId({ feature: 'panels', action, guildId: guild, args })
const gone = 'This button or form is no longer in use. Run the command again to get a new one.'

describe('the router of interactions', () => {
  it('asks the feature of a click, with action and arguments; its answer takes the place of the message', () => {
    expect(act({ customId: id('show', ['2', 'asc']) })).to.deep.equal({ content: 'clicked show 2 asc', replacesMessage: true })
  })

  it('reads what was typed into a form; one without a message is answered by a new one', () => {
    expect(act({ customId: id('name'), isSubmitted: true }).content).to.equal('submitted name by heart .')
    expect(act({ customId: id('name'), isSubmitted: true, hasMessage: false }).replacesMessage).to.equal(false)
  })

  it('refuses who has lost the permission since, and tells which one; administrators have every one', () => {
    expect(act({ customId: id('show'), permissions: '0' })).to.deep.include({ replacesMessage: false })
    expect(act({ customId: id('show'), permissions: '2048' }).content).to.contain('"Manage Server"')
    expect(act({ customId: id('show'), permissions: '8' }).content).to.contain('clicked')
    expect(act({ customId: formatCustomId({ feature: 'open', action: 'a', guildId: guild }), permissions: '0' }).content).to.equal('anybody')
  })

  it('refuses a component of another guild, of no feature, of an action nobody offers, and what is no id of ours', () => {
    expect(act({ customId: id('show'), inGuild: '1142857142857142858' }).content).to.equal(gone)
    for (const customId of ['', 'panels', 'panels:show', `other:show:${guild}`, `panels:sh ow:${guild}`, `${id('show')}:${'x'.repeat(90)}`]) {
      expect(act({ customId }).content, customId).to.equal(gone)
    }
    expect(act({ customId: formatCustomId({ feature: 'open', action: 'a', guildId: guild }), isSubmitted: true }).content).to.equal(gone)
  })

  it('never throws, whatever a custom id is', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (customId) => typeof act({ customId }).content === 'string'))
  })

  it('what is formatted is parsed as it was; what does not fit is a bug', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/)
    fc.assert(
      fc.property(word, word, fc.array(word, { maxLength: 3 }), (feature, action, args) => {
        expect(parseCustomId(formatCustomId({ feature, action, guildId: guild, args }))).to.deep.equal({ feature, action, guildId: guild, args })
      }),
    )
    expect(() => formatCustomId({ feature: 'a', action: 'b', guildId: guild, args: ['x'.repeat(100)] })).to.throw('at most 100')
    expect(() => formatCustomId({ feature: 'a', action: 'b', guildId: guild, args: ['x:y'] })).to.throw('a part of a custom id')
  })

  it('every feature is registered once, and every command', () => {
    for (const names of [componentHandlers.map(({ feature }) => feature), slashCommands.map(({ definition }) => definition.name)]) {
      expect(new Set(names).size).to.equal(names.length)
    }
  })
})
