/** Passphrases: really derived in a thread, bounded, and told to nobody. */
import { inspect } from 'node:util'
import { expect } from 'chai'
import { adoptGuildKey } from '../../../actors/records/guild-key.ts'
import { decodeBase64 } from '../../../actors/records/base64.ts'
import type { GuildKeyRow } from '../../../actors/records/stored.ts'
import { guildId } from '../../../kernel/ids.ts'
import type { AttemptLimit } from '../../../shards/signing/attempt-limit.ts'
import { createPassphraseDeriver } from '../../../shards/signing/derive-passphrase.ts'
import type { MadeKey } from '../../../shards/signing/signing-desk.ts'
import { createSigningDesk } from '../../../shards/signing/signing-desk.ts'
import { english } from '../../../shards/texts/english.ts'
import { passphraseProblem } from '../../../shards/signing/signing-texts.ts'
import { createTestCluster, seededRandom, testGuild } from '../../support/records.ts'

const test = createTestCluster()
const random = seededRandom('desk')
const passphrase = 'drei Boote auf dem stillen Weiher'
const derivation = { memoryKib: 65_536, passes: 3, lanes: 1, salt: new Uint8Array(16).fill(7) } as const

describe('the signing desk', function () {
  this.timeout(60_000)
  let rows: GuildKeyRow[]

  const anyNumber: AttemptLimit = { tryTake: () => Promise.resolve({ ok: true }) }
  const openDesk = (derive = createPassphraseDeriver(), attempts = anyNumber) =>
    createSigningDesk({ ...test, attempts, derive, random, listKeyRows: () => Promise.resolve(rows) })

  /** The row as the guild's owner states it. */
  function adopt(made: MadeKey): GuildKeyRow {
    if (made.kind !== 'made') throw new Error(made.kind)
    const { keyId, publicKey, sealedPrivateKey, keyWrap, unlockId, copy } = made.offered
    const bytes = (text: string): Uint8Array => {
      const decoded = decodeBase64(text)
      if (!decoded.ok) throw new Error(decoded.problem)
      return decoded.value
    }
    const offered = {
      keyId, publicKey: bytes(publicKey), sealed: { sealedPrivateKey: bytes(sealedPrivateKey), keyWrap }, unlocked: { unlockId, copy: bytes(copy) },
    }
    return adoptGuildKey({ ...test, guildId: testGuild, firstSequence: 1, random }, offered).row
  }

  beforeEach(() => {
    rows = []
  })

  it('makes a key that the same words open again, typed on whatever keyboard, and no others', async () => {
    const words = `${passphrase} \u00c5ngstr\u00f6m \ufb01n`
    const desk = openDesk()
    rows = [adopt(await desk.makeKey(testGuild, words))]
    expect(await desk.unlock(testGuild, words.normalize('NFD'))).to.include({ kind: 'unlocked', keyId: rows[0]?.keyId })
    expect(await desk.unlock(testGuild, words.toLowerCase())).to.deep.equal({ kind: 'wrong-passphrase' })
  })

  it('derives in a third of a second or so, and the event loop goes on meanwhile', async () => {
    const derive = createPassphraseDeriver()
    await derive(passphrase, derivation)
    let turns = 0
    const count = (): void => {
      turns += 1
      timer = setImmediate(count)
    }
    let timer = setImmediate(count)
    const startedAt = performance.now()
    const derived = await derive(passphrase, derivation)
    const tookMs = performance.now() - startedAt
    clearImmediate(timer)
    process.stdout.write(`      Argon2id, 64 MiB, three passes, thread included: ${Math.round(tookMs)} ms\n`)
    expect(derived).to.have.length(32)
    expect(await derive(passphrase, derivation)).to.deep.equal(derived)
    expect(await derive(passphrase, { ...derivation, salt: new Uint8Array(16).fill(8) })).not.to.deep.equal(derived)
    expect(turns).to.be.greaterThan(100)
  })

  it('derives what the reference implementation derives (its own test, version 19, 64 MiB, two passes)', async () => {
    const salt = new TextEncoder().encode('somesalt')
    const derived = await createPassphraseDeriver()('password', { memoryKib: 65_536, passes: 2, lanes: 1, salt })
    expect(Buffer.from(derived as Uint8Array).toString('hex')).to.equal('09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7')
  })

  it('a wrong passphrase costs what the right one does: the derivation is done before anything is compared', async () => {
    const derived: string[] = []
    const derive = createPassphraseDeriver()
    const desk = openDesk(async (words, how) => {
      derived.push(words)
      return await derive(words, how)
    })
    rows = [adopt(await desk.makeKey(testGuild, passphrase))]
    await desk.unlock(testGuild, 'wrong words altogether')
    await desk.unlock(testGuild, passphrase)
    expect(derived).to.have.length(3)
  })

  it('a try that is one too many is refused before any work', async () => {
    let derivations = 0
    const attempts: AttemptLimit = { tryTake: (guild) => Promise.resolve(guild === testGuild ? { ok: false, waitMs: 1_234 } : { ok: true }) }
    const desk = openDesk(() => {
      derivations += 1
      return Promise.resolve(new Uint8Array(32))
    }, attempts)
    expect(await desk.unlock(testGuild, 'x')).to.deep.equal({ kind: 'too-many-attempts', waitMs: 1_234 })
    expect(await desk.makeKey(testGuild, 'x')).to.include({ kind: 'too-many-attempts' })
    expect(derivations).to.equal(0)
    expect((await desk.makeKey(guildId('1142857142857142858'), passphrase)).kind).to.equal('made')
  })

  it('past two at work and sixteen waiting it is busy, and all others are derived', async () => {
    const derive = createPassphraseDeriver()
    const cheap = { ...derivation, memoryKib: 8, passes: 1 }
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, index) => derive(`words ${index}`, cheap)))
    expect(outcomes.filter((outcome) => outcome === 'busy')).to.have.length(2)
    expect(new Set(outcomes.map(String)).size).to.equal(19)
  })

  it('no answer, row or error repeats the words, the seed or what was derived', async () => {
    const secret = new Uint8Array(32).map((_, index) => index * 5 + 3)
    const desk = openDesk(() => Promise.resolve(secret.slice()))
    const made = await desk.makeKey(testGuild, passphrase)
    rows = [adopt(made)]
    const unlocked = await desk.unlock(testGuild, passphrase)
    rows = [{ ...rows[0]!, keyWrap: '{}' }]
    const damaged = await desk.unlock(testGuild, passphrase).catch((thrown: unknown) => thrown)
    const failing = await createPassphraseDeriver()(passphrase, { ...derivation, memoryKib: 1 }).catch((thrown: unknown) => thrown)
    expect(damaged).to.be.instanceOf(Error)
    expect(failing).to.be.instanceOf(Error)
    const shown = inspect([made, unlocked, rows, damaged, failing], { depth: 10, showHidden: true })
    for (const form of [passphrase, Buffer.from(passphrase).toString('base64'), Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('hex')]) {
      expect(shown.includes(form), form.slice(0, 4)).to.equal(false)
    }
  })

  it('tells what is wrong with a new passphrase without repeating it', () => {
    expect(passphraseProblem(english.signing, passphrase, passphrase)).to.equal(null)
    expect(passphraseProblem(english.signing, 'short', 'short')).to.match(/has 5 characters; it needs at least 12/)
    expect(passphraseProblem(english.signing, passphrase, `${passphrase} `)).to.contain('not the same')
    expect(passphraseProblem(english.signing, 'x'.repeat(201), 'x'.repeat(201))).to.contain('longer than 200')
  })
})
