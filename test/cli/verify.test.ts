/**
 * `muster verify` and `muster export`: what is genuine, what is only consistent, and every way to tamper with a file.
 *
 * The bundle comes from the export itself over a real database; the command is run as a program once, for its exit status.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type pg from 'pg'
import { exportLines, writeLines } from '../../cli/commands/export.ts'
import type { ExportWish } from '../../cli/commands/export.ts'
import { verifyFiles } from '../../cli/commands/verify.ts'
import type { FileResult } from '../../cli/verify/check-file.ts'
import { encodeBase64 } from '../../actors/records/base64.ts'
import { sha256 } from '../../actors/records/hash.ts'
import { receiptFile } from '../../actors/records/receipt-file.ts'
import { receiptV1Bytes } from '../../actors/records/receipt-v1.ts'
import { pemOfPublicKey } from '../../actors/records/spki.ts'
import { signSnapshot } from '../../actors/records/snapshot.ts'
import { journalHash } from '../../actors/runtime/journal-entry.ts'
import { silentLog } from '../../kernel/log.ts'
import { createExportReader } from '../../prisma/export-reader.ts'
import type { ExportReader } from '../../prisma/export-reader.ts'
import { createPostgresPool } from '../../prisma/postgres-pool.ts'
import { createPrismaClient } from '../../prisma/prisma-client.ts'
import type { PrismaClient } from '../../prisma/prisma-client.ts'
import { amendmentDraft, attendanceDraft, periodDraft, sealDrafts } from '../support/every-record.ts'
import { startProgram } from '../support/program.ts'
import { createTestPool } from '../support/leaks.ts'
import { createTestCluster, insertChain, sealChain, seededRandom, sessionDraft, testGuild, testUuid } from '../support/records.ts'
import type { SessionDraft } from '../support/records.ts'
import { createTestDatabase, testServersTimeoutMs } from '../support/servers.ts'
import type { TestDatabase } from '../support/servers.ts'

const cluster = createTestCluster()
const random = seededRandom('export')
const id = () => testUuid(random)
const chain = sealDrafts(cluster, [
  () => sessionDraft(id()),
  () => periodDraft(id(), { period_index: 1 }),
  () => attendanceDraft(id()),
  (sealed) => amendmentDraft(sealed[2]!),
  () => sessionDraft(id()),
  () => periodDraft(id(), { period_index: 2 }),
  () => sessionDraft(id()),
])
const row = chain.sealed[0]!.receiptRow
const guildSigner = chain.sealed[0]!.key.signer
const clusterKey = encodeBase64(cluster.cluster.signer.publicKey)
const guildKey = encodeBase64(guildSigner.publicKey)
const strangeKey = encodeBase64(createTestCluster('strangers').cluster.signer.publicKey)

describe('muster verify and export', function () {
  this.timeout(30_000)
  let database: TestDatabase
  let rows: pg.Pool
  let evidence: pg.Pool
  let client: PrismaClient
  let reader: ExportReader
  let folder: string
  let bundle: string

  before(async function () {
    this.timeout(testServersTimeoutMs)
    database = await createTestDatabase()
    rows = createTestPool(database.url)
    await insertChain(rows, chain)
    await writeHistory()
    const connection = { connectionString: database.url, statementTimeoutMs: 5_000, connectTimeoutMs: 5_000, applicationName: 'test' }
    client = createPrismaClient({ ...connection, connectionsMax: 2 })
    evidence = createPostgresPool({ log: silentLog }, { ...connection, connectionsMax: 1 })
    reader = createExportReader({ client, pool: evidence })
    bundle = await exported({})
  })
  after(async () => {
    await client?.$disconnect()
    await evidence?.end()
    await rows?.end()
    await database?.drop()
  })
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'muster-bundle-'))))
  afterEach(() => rm(folder, { recursive: true, force: true }))

  /** A journal of 1,200 rows with a snapshot every 400. */
  async function writeHistory(): Promise<void> {
    let head: Uint8Array = new Uint8Array(32)
    let previous: Uint8Array | null = null
    for (let seq = 1; seq <= 1_200; seq++) {
      const payload = `{"seq":${seq},"ünïcödé":"𝒳"}`
      head = journalHash(head, payload)
      await rows.query('INSERT INTO journal (guild_id, seq, fence, payload, hash) VALUES ($1, $2, 1, $3, $4)', [testGuild, seq, payload, Buffer.from(head)])
      if (seq % 400 !== 0) continue
      const state = `{"at":${seq}}`
      const signed = signSnapshot(cluster.cluster, { guildId: testGuild, slot: 7, fence: 1, sequence: seq, state, journalHead: head, previousSnapshot: previous, at: seq })
      previous = sha256(signed.signed)
      await rows.query('INSERT INTO snapshot (guild_id, seq, fence, state, signed, signature, cluster_key_id) VALUES ($1, $2, 1, $3, $4, $5, $6)', [
        testGuild, seq, state, Buffer.from(signed.signed), Buffer.from(signed.signature), signed.clusterKeyId,
      ])
    }
  }

  async function exported(wish: Partial<ExportWish>): Promise<string> {
    let text = ''
    const deps = { reader, trusted: cluster.trusted, now: () => Date.UTC(2026, 10, 21) }
    for await (const line of exportLines(deps, { guildId: testGuild, from: null, to: null, periodIndex: null, history: false, ...wish })) {
      text += `${JSON.stringify(line)}\n`
    }
    return text
  }

  /** Verifies one file with this text; its verdict and detail. */
  async function judge(text: string | object, options: { key?: readonly string[]; keys?: readonly (string | object)[]; snapshots?: boolean } = {}) {
    const write = async (name: string, content: string | object): Promise<string> => {
      const file = join(folder, name)
      await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
      return file
    }
    const keys = await Promise.all((options.keys ?? []).map((content, index) => write(`keys-${index}`, content)))
    const printed: string[] = []
    const status = await verifyFiles(
      { files: [await write('file', text)], key: options.key ?? [], keys, snapshots: options.snapshots ?? false, json: true },
      (line) => printed.push(line),
    )
    const result = JSON.parse(printed[0]!) as FileResult
    expect(status).to.equal(result.verdict === 'valid' ? 0 : 1)
    return result
  }

  const file = receiptFile({ ...row, publicKey: guildSigner.publicKey })

  describe('a receipt', () => {
    it('is valid under its guild’s key, given by hand in any form, or by a bundle', async () => {
      await writeFile(join(folder, 'key.pem'), pemOfPublicKey(guildSigner.publicKey))
      for (const key of [guildKey, pemOfPublicKey(guildSigner.publicKey), join(folder, 'key.pem')]) {
        expect(await judge(file, { key: [key] })).to.deep.include({ kind: 'receipt', verdict: 'valid' })
      }
      expect((await judge(file, { keys: [bundle] })).verdict).to.equal('valid')
      expect((await judge(file, { key: [clusterKey], keys: [bundle] })).verdict).to.equal('valid')
    })

    it('without a key, or with somebody else’s, it is consistent and no more', async () => {
      for (const options of [{}, { key: [strangeKey] }, { key: [clusterKey] }]) {
        expect((await judge(file, options)).verdict).to.equal('key-unknown')
      }
    })

    it('of version 1 is valid as well', async () => {
      const signed = receiptV1Bytes(testGuild, sessionDraft(id()))!
      const old = receiptFile({ signed, signature: guildSigner.sign(signed), keyId: row.keyId, publicKey: guildSigner.publicKey })
      expect((await judge(old, { key: [guildKey] })).verdict).to.equal('valid')
      expect((await judge(old, { keys: [bundle] })).verdict).to.equal('valid')
      expect((await judge(old)).verdict).to.equal('key-unknown')
    })

    it('changed in any way is not valid, whatever key is given', async () => {
      const flipped = Buffer.from(row.signature)
      flipped[5]! ^= 1
      expect((await judge({ ...file, signature: flipped.toString('base64') }, { key: [guildKey] })).detail).to.equal('the signature does not verify')
      expect((await judge({ ...file, signed: `${file.signed}\n` }, { key: [guildKey] })).verdict).to.equal('invalid')
      expect((await judge(JSON.stringify(file).replace('{', '{"signed":"",'), { key: [guildKey] })).detail).to.equal('a key stands twice')
    })
  })

  describe('a bundle', () => {
    const lines = (): Record<string, unknown>[] => bundle.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
    const text = (changed: readonly object[]): string => changed.map((line) => `${JSON.stringify(line)}\n`).join('')

    it('holds scope, keys, every receipt and the head, and is valid under the cluster’s key', async () => {
      expect(lines().map(({ kind }) => kind ?? 'scope')).to.deep.equal(['scope', 'cluster-key', 'key', ...chain.sealed.map(() => 'receipt'), 'head'])
      const result = await judge(bundle, { key: [clusterKey] })
      expect(result).to.deep.include({ kind: 'bundle', verdict: 'valid', detail: `receipts 1 to 7 of 7 of guild ${testGuild}` })
      expect((await judge(bundle, { key: [guildKey] })).verdict).to.equal('valid')
    })

    it('by itself, or under another key, it is consistent and no more', async () => {
      expect((await judge(bundle)).verdict).to.equal('key-unknown')
      expect((await judge(bundle, { key: [strangeKey] })).verdict).to.equal('key-unknown')
    })

    it('of a range or a period begins and ends where it says', async () => {
      const range = await exported({ from: 2, to: 4 })
      expect((await judge(range, { key: [clusterKey] })).detail).to.contain('receipts 2 to 4 of 7')
      expect((await judge(await exported({ periodIndex: 1 }), { key: [clusterKey] })).detail).to.contain('receipts 1 to 2 of 7')
      expect((await judge(await exported({ periodIndex: 2 }), { key: [clusterKey] })).detail).to.contain('receipts 3 to 6 of 7')
    })

    it('what is not there is said', async () => {
      const refusal = async (wish: Partial<ExportWish>): Promise<string> => {
        try {
          await exported(wish)
          return 'exported'
        } catch (thrown) {
          return String(thrown)
        }
      }
      expect(await refusal({ guildId: '42' })).to.contain('guild 42 has no records')
      expect(await refusal({ guildId: 'x' })).to.contain('Discord id')
      expect(await refusal({ periodIndex: 9 })).to.contain('no receipt of period 9')
      expect(await refusal({ from: 8 })).to.contain('the newest is 7')
      expect(await refusal({ guildId: '42', history: true })).to.contain('no history')
    })

    it('erased records hold their place by hash', async () => {
      const erased = lines().map((line) => (line['sequence'] === 3 && line['kind'] === 'receipt' ? { ...line, signed: null } : line))
      expect((await judge(text(erased), { key: [clusterKey] })).detail).to.contain('1 erased')
    })

    it('forms of signing version 1 stand after their receipts, say the same, and are signed by the same key', async () => {
      const { type, payload } = (JSON.parse(Buffer.from(row.signed).toString()) as { type: 'voice-session'; payload: SessionDraft['payload'] })
      const signed = receiptV1Bytes(testGuild, { type, payload, recordId: row.recordId })!
      await rows.query('INSERT INTO receipt_version_1 (guild_id, sequence, signed, signature) VALUES ($1, $2, $3, $4)', [
        testGuild, row.sequence, Buffer.from(signed), Buffer.from(guildSigner.sign(signed)),
      ])
      const both = (await exported({})).trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, string>)
      await rows.query('DELETE FROM receipt_version_1')
      const at = both.findIndex(({ kind }) => kind === 'receipt-version-1')
      expect(both[at - 1]!['sequence']).to.equal(both[at]!['sequence'])
      expect((await judge(text(both), { key: [clusterKey] })).verdict).to.equal('valid')
      const flipped = (name: string) => Buffer.from(Buffer.from(both[at]![name]!, 'base64').map((byte, index) => (index === 30 ? byte ^ 1 : byte))).toString('base64')
      for (const [changed, reason] of [
        [both.with(at, { ...both[at], signed: flipped('signed') } as Record<string, string>), /says something else/],
        [both.with(at, { ...both[at], signature: flipped('signature') } as Record<string, string>), /signature of a form of signing version 1/],
        [both.toSpliced(at, 1).toSpliced(at + 1, 0, both[at]!), /does not stand after its receipt/],
        [both.toSpliced(at, 0, both[at]!), /does not stand after its receipt/],
      ] as const) {
        expect((await judge(text(changed), { key: [clusterKey] })).detail).to.match(reason)
      }
    })

    const other = sealChain(createTestCluster('strangers'), 1, { seed: 'strange' })
    for (const [what, change, reason] of [
      ['a receipt removed', (all: object[]) => all.toSpliced(5, 1), /sequence is missing.*first bad sequence: 3/],
      ['two swapped', (all: object[]) => all.with(4, all[5]!).with(5, all[4]!), /missing.*first bad sequence: 2/],
      ['the newest cut off', (all: object[]) => all.toSpliced(9, 1), /missing.*first bad sequence: 7/],
      ['the newest cut off and the range made to fit', (all: object[]) => [{ ...all[0], to: 6, newest: 6 }, ...all.slice(1, 9)], /the signed head is missing/],
      ['an older head', (all: object[]) => [...all.slice(0, -1), { ...all.at(-1), sequence: 6 }], /say different things/],
      ['a hash that is not its own', (all: object[]) => all.with(4, { ...all[4], payload_hash: '0'.repeat(64) }), /hash is not that of the signed bytes/],
      ['bytes of another receipt', (all: object[]) => all.with(4, { ...all[4], signed: (all[5] as { signed: string }).signed }), /hash is not that/],
      ['no keys', (all: object[]) => all.toSpliced(2, 1), /no such key/],
      ['no cluster key', (all: object[]) => all.toSpliced(1, 1), /statement/],
      ['a strange key under the same id', (all: object[]) => all.with(2, { ...all[2], public_key: encodeBase64(other.keys[0]!.publicKey) }), /statement/],
      ['a line of another kind', (all: object[]) => all.toSpliced(4, 0, { kind: 'note' }), /no kind that is known/],
      ['something after the head', (all: object[]) => [...all, all[4]!], /after the head/],
      ['another guild', (all: object[]) => all.with(0, { ...all[0], guild_id: '42' }), /another guild/],
    ] as const) {
      it(`is not valid with ${what}`, async () => {
        const result = await judge(text(change(lines())), { key: [clusterKey] })
        expect(result.verdict).to.equal('invalid')
        expect(result.detail).to.match(reason)
      })
    }

    it('a bundle by strangers is whole in itself and still of nobody that is known', async () => {
      const strangers = createTestCluster('strangers')
      const fake = sealChain(strangers, 2, { seed: 'fake' })
      const forged = text([
        { bundle_format: 1, guild_id: testGuild, from: 1, to: 2, newest: 2, exported_at: '2026-11-21T00:00:00.000Z' },
        { kind: 'cluster-key', cluster_key_id: strangers.cluster.clusterKeyId, public_key: encodeBase64(strangers.cluster.signer.publicKey) },
        ...lines().slice(2, 3).map((line) => ({
          ...line, key_id: fake.keys[0]!.keyId, public_key: encodeBase64(fake.keys[0]!.publicKey), statement: encodeBase64(fake.keys[0]!.statement),
          statement_signature: encodeBase64(fake.keys[0]!.statementSignature), cluster_key_id: fake.keys[0]!.clusterKeyId,
        })),
        ...fake.sealed.map(({ receiptRow }) => ({
          kind: 'receipt', sequence: receiptRow.sequence, payload_hash: Buffer.from(receiptRow.payloadHash).toString('hex'),
          prev_hash: Buffer.from(receiptRow.prevHash).toString('hex'), key_id: receiptRow.keyId,
          signature: encodeBase64(receiptRow.signature), signed: encodeBase64(receiptRow.signed),
        })),
        headLineOf(fake),
      ])
      expect((await judge(forged)).verdict).to.equal('key-unknown')
      expect((await judge(forged, { key: [clusterKey] })).verdict).to.equal('key-unknown')
      expect((await judge(forged, { keys: [bundle] })).verdict).to.equal('key-unknown')
    })
  })

  describe('a history', () => {
    it('is valid under the cluster’s key: 1,200 rows, three snapshots', async () => {
      const history = await exported({ history: true })
      const result = await judge(history, { key: [clusterKey], snapshots: true })
      expect(result).to.deep.include({ kind: 'history', verdict: 'valid', detail: `1200 rows and 3 snapshots of guild ${testGuild}` })
      expect((await judge(history)).verdict).to.equal('key-unknown')
      expect((await judge(bundle, { snapshots: true })).detail).to.contain('no history')
    })

    for (const [what, from, to, reason] of [
      ['a changed row', '{\\"seq\\":700,', '{\\"seq\\":701,', /hash of a row/],
      ['a changed state', '{\\"at\\":800}', '{\\"at\\":801}', /state is not the one that was signed/],
      ['another fence', '"seq":800,"fence":1', '"seq":800,"fence":2', /another fence/],
    ] as const) {
      it(`is not valid with ${what}`, async () => {
        const history = await exported({ history: true })
        expect(history).to.contain(from)
        const result = await judge(history.replace(from, to), { key: [clusterKey], snapshots: true })
        expect(result.verdict).to.equal('invalid')
        expect(result.detail).to.match(reason)
      })
    }

    it('is not valid with a row or every snapshot taken out', async () => {
      const history = (await exported({ history: true })).split('\n')
      expect((await judge(history.toSpliced(50, 1).join('\n'), { key: [clusterKey] })).detail).to.contain('missing')
      expect((await judge(history.filter((line) => !line.includes('"snapshot"')).join('\n'))).detail).to.contain('no snapshot vouches')
    })
  })

  it('a page of a chain is checked in order and by its signed head', async () => {
    const receipts = chain.sealed.map(({ receiptRow }) => ({
      sequence: receiptRow.sequence, payload_hash: Buffer.from(receiptRow.payloadHash).toString('hex'), prev_hash: Buffer.from(receiptRow.prevHash).toString('hex'), key_id: receiptRow.keyId,
    }))
    const { kind: _kind, ...head } = headLineOf(chain)
    const page = { valid: true, guild_id: testGuild, receipts, head }
    expect(await judge(page, { keys: [bundle] })).to.deep.include({ kind: 'chain', verdict: 'valid' })
    expect((await judge(page)).verdict).to.equal('key-unknown')
    expect((await judge({ ...page, receipts: receipts.toSpliced(2, 1) }, { keys: [bundle] })).detail).to.equal('the receipt 3 is missing')
    expect((await judge({ ...page, receipts: receipts.with(2, { ...receipts[2]!, prev_hash: '0'.repeat(64) }) }, { keys: [bundle] })).verdict).to.equal('invalid')
    expect((await judge({ ...page, head: { ...head, sequence: 6 } }, { keys: [bundle] })).verdict).to.equal('invalid')
  })

  it('what is no file of ours, or no key, is said', async () => {
    for (const text of ['', 'hello', '{}', '[1]', '{"bundle_format":2}', '\u0000\u0001']) expect((await judge(text)).verdict, text).to.equal('invalid')
    for (const options of [{ key: ['x'] }, { key: [encodeBase64(new Uint8Array(32))] }, { keys: ['{}'] }]) {
      try {
        await judge(file, options)
        expect.fail('it was taken')
      } catch (thrown) {
        expect(String(thrown)).to.match(/Ed25519 public key|neither an export bundle|no keys/)
      }
    }
    const printed: string[] = []
    expect(await verifyFiles({ files: [join(folder, 'nowhere')], key: [], keys: [], snapshots: false, json: false }, (line) => printed.push(line))).to.equal(1)
    expect(printed[0]).to.match(/nowhere: NOT VALID: ENOENT/)
  })

  it('a file appears only when it is whole', async () => {
    async function* broken() {
      yield { bundle_format: 1 }
      await Promise.reject(new Error('postgres went away'))
    }
    const out = join(folder, 'bundle.jsonl')
    await writeLines(broken(), out).then(() => expect.fail('it was written'), () => undefined)
    for (const name of [out, `${out}.part`]) await readFile(name).then(() => expect.fail(`${name} is there`), () => undefined)
  })

  it('100,000 receipts are checked in bounded memory', async function () {
    this.timeout(120_000)
    // Erased receipts hold their place by hash: a long chain costs no signatures here, and takes the same way.
    const [first] = chain.sealed
    async function* long() {
      yield { bundle_format: 1, guild_id: testGuild, from: 2, to: 100_001, newest: 200_000, exported_at: '' }
      yield { kind: 'cluster-key', cluster_key_id: cluster.cluster.clusterKeyId, public_key: clusterKey }
      yield JSON.parse(bundle.split('\n')[2]!) as object
      for (let sequence = 2; sequence <= 100_001; sequence++) {
        yield { kind: 'receipt', sequence, payload_hash: hashOf(sequence), prev_hash: hashOf(sequence - 1), key_id: row.keyId, signature: encodeBase64(first!.receiptRow.signature), signed: null }
      }
      yield await Promise.resolve({ kind: 'none' })
    }
    const out = join(folder, 'long.jsonl')
    await writeLines(long() as AsyncGenerator<Readonly<Record<string, unknown>>>, out)
    globalThis.gc?.()
    const before = process.memoryUsage().heapUsed
    let highest = 0
    const watch = setInterval(() => (highest = Math.max(highest, process.memoryUsage().heapUsed)), 20)
    const printed: string[] = []
    await verifyFiles({ files: [out], key: [clusterKey], keys: [], snapshots: false, json: true }, (line) => printed.push(line))
    clearInterval(watch)
    expect(printed[0]).to.contain('no kind that is known')
    expect((highest - before) / 1_048_576, 'megabytes').to.be.below(80)
  })

  it('as a program: a line each, and its exit status', async () => {
    await writeFile(join(folder, 'a.json'), JSON.stringify(file))
    await writeFile(join(folder, 'b.json'), JSON.stringify({ ...file, signature: encodeBase64(new Uint8Array(64)) }))
    const run = async (...args: string[]) => {
      const program = startProgram({ name: 'muster verify', entry: 'cli/main.ts', args: ['verify', ...args], environment: { NODE_ENV: 'production' }, folder, ipc: false })
      return { status: (await program.closed).exitCode, output: program.output() }
    }
    expect(await run('a.json', '--key', guildKey)).to.deep.equal({ status: 0, output: `a.json: valid: voice-session ${row.recordId} of guild ${testGuild}, sequence 1\n` })
    const both = await run('a.json', 'b.json', '--json')
    expect(both.status).to.equal(1)
    expect(both.output.trim().split('\n').map((line) => (JSON.parse(line) as FileResult).verdict)).to.deep.equal(['key-unknown', 'invalid'])
  })
})

const hashOf = (sequence: number): string => sequence.toString(16).padStart(64, '0')

function headLineOf(sealed: { readonly sealed: readonly { readonly chainHeadRow: { guildId: string; sequence: number; hash: Uint8Array; keyId: string; signature: Uint8Array } }[] }): Record<string, unknown> {
  const { guildId, sequence, hash, keyId, signature } = sealed.sealed.at(-1)!.chainHeadRow
  const text = `{"domain":"muster/chain-head","guild_id":"${guildId}","hash":"${Buffer.from(hash).toString('hex')}","key_id":"${keyId}","sequence":${sequence},"version":1}`
  return { kind: 'head', sequence, hash: Buffer.from(hash).toString('hex'), key_id: keyId, signed: Buffer.from(text).toString('base64'), signature: encodeBase64(signature) }
}
