/** The description of the API: well formed, complete, and true of what is answered. */
import { expect } from 'chai'
import type { z } from 'zod'
import { operations } from '../../api/openapi/operations.ts'
import { startTestApi } from '../support/api-app.ts'
import type { TestApi } from '../support/api-app.ts'
import { receiptFile } from '../../actors/records/receipt-file.ts'
import { sealEveryType } from '../support/every-record.ts'
import { createTestCluster, insertChain, testGuild } from '../support/records.ts'
import { testServersTimeoutMs } from '../support/servers.ts'

const cluster = createTestCluster()
const chain = sealEveryType(cluster)
const [session, attendance] = chain.sealed.map(({ receiptRow }) => receiptRow)
const file = receiptFile({ ...session!, publicKey: chain.sealed[0]!.key.signer.publicKey })

describe('api description', () => {
  let api: TestApi

  before(async function () {
    this.timeout(testServersTimeoutMs)
    api = await startTestApi(cluster, { options: { publicUrl: 'https://muster.example' } })
    await insertChain(api.pool, chain)
  })
  after(() => api?.stop())

  interface Document {
    readonly openapi: string
    readonly servers: readonly { readonly url: string }[]
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, unknown>>; readonly parameters: readonly { readonly name: string; readonly in: string }[] }>>>>
  }

  it('is OpenAPI 3.1 and names every parameter of every path', async () => {
    const document = (await (await fetch(`${api.url}/openapi.json`)).json()) as Document
    expect(document.openapi).to.equal('3.1.1')
    expect(document.servers).to.deep.equal([{ url: 'https://muster.example' }])
    for (const [path, methods] of Object.entries(document.paths)) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      for (const operation of Object.values(methods)) {
        expect(operation.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name), path).to.deep.equal(named)
      }
    }
    expect(JSON.stringify(document)).not.to.contain('"$schema"')
  })

  const examples: Readonly<Record<string, () => readonly [string, RequestInit?]>> = {
    'verify-session': () => [`/verify/session/${session!.recordId}`],
    'verify-attendance': () => [`/verify/attendance/${attendance!.recordId}`],
    'verify-period': () => [`/verify/period/${testGuild}/3`],
    'verify-chain': () => [`/verify/chain/${testGuild}`],
    'verify-file': () => ['/verify', { method: 'POST', body: JSON.stringify(file), headers: { 'content-type': 'application/json' } }],
    'receipt-file': () => [`/receipts/${session!.recordId}`],
    'cluster-keys': () => ['/keys'],
    'cluster-jwks': () => ['/keys/jwks'],
    'guild-keys': () => [`/keys/${testGuild}`],
    'guild-jwks': () => [`/keys/${testGuild}/jwks`],
    page: () => [`/v/${session!.recordId}`],
    live: () => ['/health/live'],
    ready: () => ['/health/ready'],
    health: () => ['/health'],
  }

  for (const operation of operations) {
    it(`${operation.id}: the answer is in the form that is described`, async () => {
      const example = examples[operation.id]
      if (operation.id === 'record-attendance') return
      const [path, init] = example!()
      const response = await fetch(`${api.url}${path}`, init)
      const outcome = operation.outcomes.find(({ status }) => status === response.status)!
      expect(response.status).to.equal(200)
      if (outcome.contentType === 'text/html') return
      expect(response.headers.get('content-type')).to.contain(outcome.contentType ?? 'application/json')
      const parsed = (outcome.schema as z.ZodType).safeParse(await response.json())
      expect(parsed.error?.issues ?? []).to.deep.equal([])
    })
  }

  it('is also a page, without any script, and / leads to it', async () => {
    const page = await fetch(`${api.url}/`)
    expect(page.url).to.equal(`${api.url}/docs`)
    const text = await page.text()
    for (const { path } of operations) expect(text).to.contain(path)
    expect(text).not.to.contain('<script')
    expect(page.headers.get('content-security-policy')).to.contain("default-src 'none'")
  })
})
