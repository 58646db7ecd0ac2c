/**
 * A webhook from the street to the receipt: the API process, Redis, an owner with the production runtime, Postgres, and
 * openssl on what comes out. The same event gets the same answer, also when it comes ten times at once and when the owner
 * changes in between.
 */
import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { createRegistry, features } from '../../actors/behaviours/registry.ts'
import type { ReceiptFile } from '../../actors/records/receipt-file.ts'
import { opId, userId } from '../../kernel/ids.ts'
import type { Owner } from '../bench/open-owner.ts'
import { openBenchHouse } from '../bench/bench-house.ts'
import type { BenchHouse } from '../bench/bench-house.ts'
import { startApi } from '../support/api.ts'
import type { ApiProgram } from '../support/api.ts'
import { hasOpenssl, verifyWithOpenssl } from '../support/openssl.ts'
import { testGuild } from '../support/records.ts'
import { testServersTimeoutMs } from '../support/servers.ts'

// Awaited, so that mocha imports this file: what it requires has no import.meta.resolve, by which threads find their loader.
const { allSlots, openOwner } = await import('../bench/open-owner.ts')
const registry = createRegistry(features)
const secret = 'a-secret-of-the-test'
const event = { event_id: 'evt-1', guild_id: testGuild, user_id: '42', status: 'present', at: '2026-11-20T05:00:00Z' }

describe('scenario: a webhook records an attendance', function () {
  this.timeout(60_000)
  let house: BenchHouse
  let owner: Owner
  let api: ApiProgram
  let url: string

  before(async function () {
    this.timeout(testServersTimeoutMs)
    house = await openBenchHouse()
    owner = await openOwner(house.environment, { registry })
    await owner.runtime.keeper.own(allSlots)
    // A verdict of the last seconds would be given out again, and this test changes records in between.
    api = startApi({ ...house.environment, API_VERDICT_MEMORY_MS: '0' })
    url = `http://127.0.0.1:${await api.ready}`
    await setSecret(createHash('sha256').update(secret).digest('hex'))
  })

  after(async () => {
    api?.child.kill('SIGTERM')
    await api?.ended
    await owner?.stop()
    await house?.close()
  })

  let secretsSet = 0
  async function setSecret(secretHash: string | null): Promise<void> {
    const outcome = await owner.runtime.ask({
      guildId: testGuild,
      opId: opId(`test:secret:${++secretsSet}`),
      command: { feature: 'code-attendance', kind: 'set-webhook-secret', secretHash, byUserId: userId('7') },
      receivedAt: null,
      deadlineAt: null,
    })
    expect(outcome).to.deep.equal({ status: 'answered', reply: { kind: 'webhook-secret-set', isSet: secretHash !== null } })
  }

  async function send(change: object = {}, given = secret): Promise<{ status: number; body: Record<string, unknown> }> {
    const headers = { 'content-type': 'application/json', 'x-webhook-secret': given }
    const response = await fetch(`${url}/webhooks/attendance`, { method: 'POST', headers, body: JSON.stringify({ ...event, ...change }) })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const verdict = async (id: unknown) => (await (await fetch(`${url}/verify/attendance/${String(id)}`)).json()) as Record<string, unknown>

  it('is recorded once, however often it comes, and openssl accepts its receipt', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => send()))
    expect(answers.map(({ status }) => status)).to.deep.equal(Array.from({ length: 10 }, () => 202))
    for (const { body } of answers) expect(body).to.deep.equal(answers[0]!.body)
    expect(answers[0]!.body).to.deep.include({ previous_status: null, session_id: 'manual_20261120' })
    const id = answers[0]!.body['record_id']
    expect(await verdict(id)).to.deep.include({ valid: true, current: true })
    if (!hasOpenssl()) return
    const file = (await (await fetch(`${url}/receipts/${String(id)}`)).json()) as ReceiptFile
    expect((await verifyWithOpenssl(file)).isAccepted).to.equal(true)
  })

  it('another event changes it: an amendment; the first event still gets its first answer', async () => {
    const first = await send()
    const second = await send({ event_id: 'evt-2', status: 'excused' })
    expect(second.body).to.deep.include({ record_id: first.body['record_id'], previous_status: 'present', status: 'excused' })
    expect(await send()).to.deep.equal(first)
    expect(await send({ event_id: 'evt-2', status: 'absent' })).to.deep.equal(second)
  })

  it('the same event gets the same answer from the next owner', async () => {
    const before = await send()
    await owner.stop()
    owner = await openOwner(house.environment, { registry })
    await owner.runtime.keeper.own(allSlots)
    expect(await send()).to.deep.equal(before)
    const id = before.body['record_id']
    const standing = await verdict(id)
    expect(standing).to.deep.include({ valid: true, current: false })
    expect(standing).to.have.nested.property('amended_by.receipt.payload.to', 'excused')
  })

  it('a wrong secret is 401 and keeps nobody’s event from being taken', async () => {
    expect((await send({ event_id: 'evt-3', user_id: '43' }, 'guess')).status).to.equal(401)
    expect((await send({ event_id: 'evt-3', user_id: '43' })).status).to.equal(202)
  })

  it('a guild without a secret answers like one with another secret', async () => {
    const other = await send({ guild_id: '1142857142857142999' })
    await setSecret(null)
    expect(await send({ event_id: 'evt-4' })).to.deep.equal(other)
    expect(other.status).to.equal(401)
  })
})
