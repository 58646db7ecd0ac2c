/** Every language says the same things: same keys, same arguments, within Discord's limits. */
import { expect } from 'chai'
import type { APIApplicationCommandOption } from 'discord-api-types/v10'
import { slashCommands } from '../../../shards/commands/registry.ts'
import { languages, textsFor } from '../../../shards/texts/choose-texts.ts'
import { commandWords } from '../../../shards/texts/command-words.ts'
import { sayFailure } from '../../../shards/texts/effect-failure.ts'
import { english } from '../../../shards/texts/english.ts'
import { german } from '../../../shards/texts/german.ts'

/** Paths of all texts, with how many arguments each takes. */
function keysOf(texts: object, path = ''): string[] {
  return Object.entries(texts).flatMap(([key, value]: [string, unknown]) => {
    if (typeof value === 'function') return [`${path}${key}(${(value as { length: number }).length})`]
    return typeof value === 'object' && value !== null ? keysOf(value, `${path}${key}.`) : [`${path}${key}`]
  })
}

interface Localized {
  readonly name: string
  readonly description?: string
  readonly name_localizations?: object | null
  readonly description_localizations?: object | null
  readonly options?: readonly APIApplicationCommandOption[]
  readonly choices?: readonly { readonly name: string; readonly name_localizations?: object | null }[]
}

function everyPart(part: Localized): Localized[] {
  return [part, ...(part.options ?? []).flatMap((option) => everyPart(option as Localized))]
}

const namePattern = /^[-_'\p{L}\p{N}]{1,32}$/u

describe('texts', () => {
  it('every key of one language is in the other, with the same arguments', () => {
    expect(keysOf(german).toSorted()).to.deep.equal(keysOf(english).toSorted())
    expect(keysOf(english).length).to.be.greaterThan(150)
  })

  it('no text of one language was left in the other', () => {
    const plain = (texts: object): string[] => Object.values(texts).flatMap((value: unknown) => (typeof value === 'string' ? [value] : typeof value === 'object' && value !== null && !Array.isArray(value) ? plain(value) : []))
    const inBoth = plain(english).filter((text) => text.includes(' ') && plain(german).includes(text))
    expect(inBoth).to.deep.equal([])
  })

  it('is chosen by Discord’s locale, English where there is none of its own', () => {
    expect(textsFor('de')).to.equal(german)
    expect(['en-US', 'en-GB', 'fr', undefined].map(textsFor)).to.deep.equal([english, english, english, english])
    expect([...languages.keys()]).to.deep.equal(['en-US', 'en-GB', 'de'])
  })

  it('why an effect failed is said in the reader’s language; what others said stays as it was', () => {
    for (const [name, sentence] of Object.entries(english.effectFailures)) {
      expect(sayFailure(german, sentence)).to.equal(german.effectFailures[name as keyof typeof german.effectFailures])
      expect(sayFailure(english, sentence)).to.equal(sentence)
    }
    expect(sayFailure(german, 'the receiver answered 500')).to.equal('the receiver answered 500')
  })

  it('names and descriptions of commands keep Discord’s limits in every language, and no two options share a name', () => {
    for (const [path, { description, de }] of Object.entries(commandWords)) {
      expect(de.name, path).to.match(namePattern)
      expect(de.name, path).to.equal(de.name.toLowerCase())
      for (const text of [description, de.description]) expect(text.length, `${path}: ${text}`).to.be.within(1, 100)
    }
    for (const { definition } of slashCommands) {
      for (const part of everyPart(definition as Localized)) {
        expect(part.name).to.match(namePattern)
        const options = part.options ?? []
        expect(options.length).to.be.at.most(25)
        const germanNames = options.map(({ name, name_localizations: names }) => names?.['de'] ?? name)
        expect(new Set(germanNames).size, part.name).to.equal(options.length)
        expect((part.choices ?? []).length).to.be.at.most(25)
        for (const { name } of part.choices ?? []) expect(name.length).to.be.within(1, 100)
      }
    }
  })

  it('every command of voice attendance and signing, subcommand and option is localized through Discord’s own fields', () => {
    const voice = slashCommands.filter(({ definition }) => ['admin', 'leaderboard', 'mytime', 'stats'].includes(definition.name))
    const parts = voice.flatMap(({ definition }) => everyPart(definition as Localized))
    expect(parts.length).to.be.greaterThan(50)
    for (const part of parts) {
      expect(part.name_localizations, part.name).to.have.property('de')
      expect(part.description_localizations, part.name).to.have.property('de')
    }
  })
})
