/**
 * The page docs/verify-it-yourself.md, run as it stands: its commands, in order, on files from the running API.
 *
 * The verifier is openssl, which is not ours. Each tampering below must make the page end with another status.
 */
import { expect } from 'chai'
import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeBase64 } from '../../actors/records/base64.ts'
import { sha256 } from '../../actors/records/hash.ts'
import type { ReceiptFile } from '../../actors/records/receipt-file.ts'
import { publicKeysText, startApi } from '../support/api.ts'
import type { ApiProgram } from '../support/api.ts'
import { createTestPool } from '../support/leaks.ts'
import { sealEveryType } from '../support/every-record.ts'
import { startProgram } from '../support/program.ts'
import { createTestCluster, insertChain, sealChain, testGuild } from '../support/records.ts'
import { createTestDatabase, testServersTimeoutMs } from '../support/servers.ts'
import type { TestDatabase } from '../support/servers.ts'

const cluster = createTestCluster()
const chain = sealEveryType(cluster)
const recordId = chain.sealed[0]!.receiptRow.recordId

interface Run {
  readonly status: number
  readonly output: string
}

function run(folder: string, program: string, args: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(program, args, { cwd: folder }, (error, stdout, stderr) => {
      resolve({ status: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, output: stdout + stderr })
    })
  })
}

/** On a machine that lacks a program its test is left out, visibly; where CI is set it must not be. */
function needs(context: Mocha.Context, ...programs: readonly string[]): void {
  // LibreSSL and OpenSSL 1 answer to the same name and cannot verify Ed25519 from a file.
  const missing = programs.filter((program) => {
    const { error, stdout } = spawnSync(program, [program === 'openssl' ? 'version' : '--version'], { encoding: 'utf8' })
    return error !== undefined || (program === 'openssl' && !/^OpenSSL [3-9]/.test(stdout))
  })
  if (missing.length === 0) return
  if (process.env['CI'] !== undefined) throw new Error(`missing on this machine: ${missing.join(', ')}`)
  context.skip()
}

/** All shell blocks of the page, in order. */
async function commandsOfThePage(): Promise<string> {
  const page = await readFile(new URL('../../docs/verify-it-yourself.md', import.meta.url), 'utf8')
  return [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map((match) => match[1]).join('\n')
}

/** One line of the bundle, changed. */
const inLine = (kind: string, at: number, change: (line: Record<string, string>) => object | null) => (text: string): string => {
  let seen = 0
  const lines = text.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, string>)
  return lines.flatMap((line) => (line['kind'] === kind && seen++ === at ? [change(line)] : [line])).filter((line) => line !== null)
    .map((line) => `${JSON.stringify(line)}\n`).join('')
}

describe('verify it yourself', function () {
  this.timeout(30_000)
  let database: TestDatabase
  let api: ApiProgram
  let address: string
  let folder: string
  let bundle: string

  before(async function () {
    this.timeout(testServersTimeoutMs)
    database = await createTestDatabase()
    const pool = createTestPool(database.url)
    await insertChain(pool, chain)
    await pool.end()
    api = startApi({ DATABASE_URL: database.url, MUSTER_CLUSTER_PUBLIC_KEYS: publicKeysText(cluster.trusted) })
    address = `http://127.0.0.1:${await api.ready}`
    bundle = await exportBundle()
  })

  async function exportBundle(): Promise<string> {
    const place = await mkdtemp(join(tmpdir(), 'muster-bundle-'))
    const file = join(place, 'bundle.jsonl')
    const program = startProgram({
      name: 'muster export',
      entry: 'cli/main.ts',
      args: ['export', testGuild, '--out', file],
      environment: { NODE_ENV: 'production', DATABASE_URL: database.url, MUSTER_CLUSTER_PUBLIC_KEYS: publicKeysText(cluster.trusted) },
      ipc: false,
    })
    expect((await program.closed).exitCode, program.output()).to.equal(0)
    const written = await readFile(file, 'utf8')
    await rm(place, { recursive: true })
    return written
  }

  after(async () => {
    api?.child.kill('SIGTERM')
    await api?.ended
    await database?.drop()
  })

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-verify-'))
    for (const [name, path] of [
      ['receipt.json', `/receipts/${recordId}`],
      ['keys.json', `/keys/${testGuild}`],
      ['cluster.json', '/keys'],
      ['chain.json', `/verify/chain/${testGuild}`],
    ] as const) {
      await writeFile(join(folder, name), await (await fetch(`${address}${path}`)).text())
    }
    await writeFile(join(folder, 'bundle.jsonl'), bundle)
  })

  afterEach(() => rm(folder, { recursive: true, force: true }))

  const runThePage = async (): Promise<Run> => run(folder, 'sh', ['-eu', '-c', await commandsOfThePage()])

  async function changeFile<Content>(name: string, change: (content: Content) => unknown): Promise<void> {
    const content = JSON.parse(await readFile(join(folder, name), 'utf8')) as Content
    await writeFile(join(folder, name), JSON.stringify(change(content)))
  }

  /** The receipt file with one bit of its signed bytes changed and everything else made to fit. */
  function flipped(file: ReceiptFile, at: number): ReceiptFile {
    const bytes = new Uint8Array(Buffer.from(file.signed, 'base64'))
    bytes[at]! ^= 1
    return { ...file, signed: encodeBase64(bytes), payload_hash: Buffer.from(sha256(bytes)).toString('hex') }
  }

  const flippedText = (text = ''): string => {
    const bytes = Buffer.from(text, 'base64')
    bytes[60]! ^= 1
    return bytes.toString('base64')
  }
  for (const [what, change] of [
    ['a changed bit of a receipt', inLine('receipt', 2, (line) => ({ ...line, signed: flippedText(line['signed']) }))],
    ['a removed receipt', inLine('receipt', 1, () => null)],
    ['the newest receipt cut off', inLine('receipt', 3, () => null)],
    ['a receipt in the place of another', inLine('receipt', 0, (line) => ({ ...line, signed: JSON.parse(bundle.split('\n')[4]!).signed as string }))],
    ['a key that nobody stated', inLine('key', 0, (line) => ({ ...line, statement_signature: flippedText(line['statement_signature']) }))],
    ['a head that nobody signed', inLine('head', 0, (line) => ({ ...line, signature: flippedText(line['signature']) }))],
  ] as const) {
    it(`the page refuses a bundle with ${what}`, async function () {
      needs(this, 'openssl', 'jq')
      await writeFile(join(folder, 'bundle.jsonl'), change(bundle))
      expect((await runThePage()).status).not.to.equal(0)
    })
  }

  it('openssl accepts a receipt of the running API, and refuses it with one byte changed', async function () {
    needs(this, 'openssl')
    const file = JSON.parse(await readFile(join(folder, 'receipt.json'), 'utf8')) as ReceiptFile
    const verify = async ({ signed, signature, public_key_pem }: ReceiptFile): Promise<Run> => {
      await writeFile(join(folder, 'signed.bin'), Buffer.from(signed, 'base64'))
      await writeFile(join(folder, 'signature.bin'), Buffer.from(signature, 'base64'))
      await writeFile(join(folder, 'key.pem'), public_key_pem)
      const args = '-verify -pubin -inkey key.pem -rawin -in signed.bin -sigfile signature.bin'.split(' ')
      return run(folder, 'openssl', ['pkeyutl', ...args])
    }
    expect(await verify(file)).to.deep.equal({ status: 0, output: 'Signature Verified Successfully\n' })
    for (const at of [0, 100, file.signed.length >> 1]) {
      const refused = await verify(flipped(file, at))
      expect(refused.status).not.to.equal(0)
      expect(refused.output).to.contain('Signature Verification Failure')
    }
  })

  it('the page accepts the record', async function () {
    needs(this, 'openssl', 'jq')
    const { status, output } = await runThePage()
    expect(status, output).to.equal(0)
    // The record, its key's statement, the head; then every receipt of the bundle, its key's statement, its head.
    expect(output.match(/Signature Verified Successfully/g)).to.have.length(3 + chain.sealed.length + 2)
    expect(output).to.contain('"duration_seconds": 2700')
  })

  const strangers = createTestCluster('strangers')
  for (const [what, name, change] of [
    ['one changed bit of the record', 'receipt.json', (file: ReceiptFile) => flipped(file, 60)],
    ['a hash that is not its own', 'receipt.json', (file: ReceiptFile) => ({ ...file, payload_hash: '0'.repeat(64) })],
    ['a receipt that brings its own key', 'receipt.json', () => ownKey(sealChain(strangers, 2, { seed: 'own' }))],
    ['a statement by another cluster', 'keys.json', () => ({ keys: [statedBy(sealChain(strangers, 1))] })],
    ['a removed record', 'chain.json', (file: ChainFile) => ({ ...file, receipts: file.receipts.toSpliced(1, 1) })],
    ['swapped records', 'chain.json', (file: ChainFile) => ({ ...file, receipts: file.receipts.toReversed() })],
    ['the newest record cut off', 'chain.json', (file: ChainFile) => ({ ...file, receipts: file.receipts.slice(0, -1) })],
  ] as const) {
    it(`the page refuses ${what}`, async function () {
      needs(this, 'openssl', 'jq')
      await changeFile(name, change as (content: unknown) => unknown)
      expect((await runThePage()).status).not.to.equal(0)
    })
  }
})

interface ChainFile {
  readonly receipts: readonly unknown[]
}

function ownKey(strange: ReturnType<typeof sealChain>): unknown {
  const { receiptRow: row, key } = strange.sealed[1]!
  return {
    receipt_format: 1,
    signed: encodeBase64(row.signed),
    signature: encodeBase64(row.signature),
    payload_hash: Buffer.from(row.payloadHash).toString('hex'),
    key_id: chain.keys[0]!.keyId,
    public_key: encodeBase64(key.signer.publicKey),
    public_key_pem: `-----BEGIN PUBLIC KEY-----\n${Buffer.concat([
      Buffer.from('302a300506032b6570032100', 'hex'),
      key.signer.publicKey,
    ]).toString('base64')}\n-----END PUBLIC KEY-----\n`,
  }
}

/** The genuine key with a statement that somebody else's cluster signed. */
function statedBy(strange: ReturnType<typeof sealChain>): unknown {
  return {
    key_id: chain.keys[0]!.keyId,
    cluster_key_id: cluster.cluster.clusterKeyId,
    statement: encodeBase64(chain.keys[0]!.statement),
    statement_signature: encodeBase64(strange.keys[0]!.statementSignature),
  }
}
