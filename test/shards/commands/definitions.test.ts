/** Every slash command as it is registered, held against Discord's own description and its limits. */
import { expect } from 'chai'
import { InteractionContextType } from 'discord-api-types/v10'
import { loadSpecCheck } from '../../../sandbox/rest/spec-check.ts'
import type { SpecCheck } from '../../../sandbox/rest/spec-check.ts'
import { slashCommands } from '../../../shards/commands/registry.ts'
import { wellFormedText } from '../../../kernel/text.ts'

interface Described {
  readonly name: string
  readonly description?: string
  readonly options?: readonly Described[]
  readonly choices?: readonly { readonly name: string }[]
  readonly required?: boolean
}

const definitions = slashCommands.map(({ definition }) => definition as unknown as Described)
const withOptions = (one: Described): readonly Described[] => [one, ...(one.options ?? []).flatMap(withOptions)]

describe('the slash commands', () => {
  let spec: SpecCheck
  before(async function () {
    this.timeout(30_000)
    spec = await loadSpecCheck()
  })

  it('are what Discord’s description says, one by one and all at once', () => {
    for (const definition of definitions) {
      expect(spec.checkBody('POST /applications/{application_id}/commands', definition), definition.name).to.deep.equal([])
    }
    expect(spec.checkBody('PUT /applications/{application_id}/commands', definitions)).to.deep.equal([])
  })

  it('a broken definition would be noticed', () => {
    expect(spec.checkBody('POST /applications/{application_id}/commands', { ...definitions[0], name: 'x'.repeat(33) })).not.to.deep.equal([])
    expect(spec.checkBody('POST /applications/{application_id}/commands', { ...definitions[0], description: 'x'.repeat(101) })).not.to.deep.equal([])
  })

  it('have names of their own, in the form that Discord takes, and descriptions that fit', () => {
    const names = definitions.map(({ name }) => name)
    expect(new Set(names).size).to.equal(names.length)
    for (const one of definitions.flatMap(withOptions)) {
      expect(one.name).to.match(/^[a-z0-9_-]{1,32}$/)
      expect(one.description?.length, one.name).to.be.within(1, 100)
      expect(wellFormedText(one.description ?? '')).to.equal(one.description)
      expect(one.options?.length ?? 0, one.name).to.be.at.most(25)
      const own = (one.options ?? []).map(({ name }) => name)
      expect(new Set(own).size, `options of ${one.name}`).to.equal(own.length)
      expect(one.choices?.length ?? 0).to.be.at.most(25)
      for (const choice of one.choices ?? []) expect(choice.name.length, choice.name).to.be.within(1, 100)
    }
  })

  it('name what must be given before what may be', () => {
    for (const { name, options = [] } of definitions.flatMap(withOptions)) {
      const required = options.map((option) => option.required === true)
      expect(required, name).to.deep.equal([...required].sort((a, b) => Number(b) - Number(a)))
    }
  })

  it('are offered in servers only', () => {
    for (const { definition } of slashCommands) expect(definition.contexts, definition.name).to.deep.equal([InteractionContextType.Guild])
  })

  it('stay below Discord’s 8,000 characters a command', () => {
    for (const definition of definitions) {
      const all = withOptions(definition).flatMap((one) => [one.name, one.description ?? '', ...(one.choices ?? []).map(({ name }) => name)])
      expect(all.join('').length, definition.name).to.be.at.most(8_000)
    }
  })
})
