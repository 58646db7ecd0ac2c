/** Golden receipts: what was signed once verifies for ever, whatever becomes of the code. Version 1 and version 2. */
import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { parseTrustedClusterKeys } from '../../../actors/records/cluster-key.ts'
import { checkSignatureByReference } from '../../../actors/records/ed25519-reference.ts'
import { judgeReceiptFile, parseSignedRecord } from '../../../actors/records/file-verdict.ts'
import { parseReceiptFile } from '../../../actors/records/receipt-file.ts'
import type { ReceiptFile } from '../../../actors/records/receipt-file.ts'
import type { StatedKey } from '../../../actors/records/stored.ts'
import { hasOpenssl, verifyWithOpenssl } from '../../support/openssl.ts'

interface Golden {
  readonly cluster_public_key: string
  readonly guild_keys: readonly Readonly<Record<string, string | number | null>>[]
  readonly receipts: readonly { readonly version: number; readonly type: string; readonly text: string; readonly file: ReceiptFile }[]
}

const golden = JSON.parse(await readFile(new URL('../../vectors/receipts.json', import.meta.url), 'utf8')) as Golden
const trusted = parseTrustedClusterKeys({ name: 'golden', text: golden.cluster_public_key })
const bytes = (text: unknown): Uint8Array => new Uint8Array(Buffer.from(String(text), 'base64'))
const keys = golden.guild_keys.map((key): StatedKey => ({
  keyId: String(key['key_id']), guildId: String(key['guild_id']), publicKey: bytes(key['public_key']), firstSequence: Number(key['first_sequence']),
  lastSequence: null, statement: bytes(key['statement']), statementSignature: bytes(key['statement_signature']),
  clusterKeyId: String(key['cluster_key_id']), predecessorSignature: null,
}))

describe('golden receipts', () => {
  it('there are some of both versions', () => {
    const kinds = golden.receipts.map(({ version, type }) => `${version} ${type}`)
    expect(kinds).to.deep.equal(['2 voice-session', '1 voice-session', '2 attendance', '2 period', '1 period', '2 amendment'])
  })

  for (const { version, type, text, file } of golden.receipts) {
    it(`version ${version}, ${type}: verifies under its registered key, with either library`, async () => {
      expect(Buffer.from(file.signed, 'base64').toString()).to.equal(text)
      const parts = parseReceiptFile(file)
      const record = parts.ok ? parseSignedRecord(parts.value.signed) : parts
      if (!parts.ok || !record.ok) return expect.fail(JSON.stringify([parts, record]))
      expect(record.value.version).to.equal(version)
      expect(judgeReceiptFile({ trusted, keys }, parts.value, record.value)).to.deep.equal({ valid: true })
      const { signed, signature, publicKey } = parts.value
      expect(await checkSignatureByReference({ publicKey, bytes: signed, signature })).to.deep.equal({ kind: 'verified' })
    })

    it(`version ${version}, ${type}: openssl accepts it`, async function () {
      if (!hasOpenssl()) this.skip()
      expect((await verifyWithOpenssl(file)).isAccepted).to.equal(true)
    })
  }
})
