/** `POST /webhooks/attendance`: what is taken, what is asked of the actor, and what its answers become. */
import { createHash } from 'node:crypto'
import { expect } from 'chai'
import type { AskActor } from '../../api/routes/webhooks.ts'
import { createAddressLimit } from '../../api/address-limit.ts'
import type { AttendanceRefusal, AttendanceReply } from '../../actors/protocol/attendance.ts'
import type { Outcome } from '../../actors/protocol/command.ts'
import { userId } from '../../kernel/ids.ts'
import { startTestApi } from '../support/api-app.ts'
import type { TestApi } from '../support/api-app.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { createTestCluster, testGuild } from '../support/records.ts'
import { testServersTimeoutMs } from '../support/servers.ts'

const secret = 'not-a-secret-but-a-test'
const secretHash = createHash('sha256').update(secret).digest('hex')
const body = { event_id: 'evt-1', guild_id: testGuild, user_id: '42', status: 'present', at: '2026-11-20T18:00:00Z' }
const recorded: AttendanceReply = {
  kind: 'attendance-recorded', recordId: '0193f0a0-0000-7000-8000-000000000001', userId: userId('42'), sessionId: 'manual_20261120',
  status: 'present', previous: null,
}

describe('POST /webhooks/attendance', () => {
  let api: TestApi
  let outcome: Outcome
  const asked: Parameters<AskActor>[0][] = []
  const limit = createAddressLimit({ clock: createManualClock(), redis: null }, { pointsPerMinute: 100_000, keyPrefix: 'test:' })

  before(async function () {
    this.timeout(testServersTimeoutMs)
    const ask: AskActor = (question) => {
      asked.push(question)
      return Promise.resolve(outcome)
    }
    api = await startTestApi(createTestCluster(), { deps: { ask, limit } })
  })
  after(() => api?.stop())
  beforeEach(() => {
    outcome = { status: 'answered', reply: recorded }
    asked.length = 0
  })

  async function send(change: Record<string, unknown> = {}, headers: Record<string, string> = { 'x-webhook-secret': secret }) {
    const text = JSON.stringify({ ...body, ...change })
    const response = await fetch(`${api.url}/webhooks/attendance`, { method: 'POST', body: text, headers: { 'content-type': 'application/json', ...headers } })
    return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> & { error?: { code: string; message: string } } }
  }

  it('is accepted with 202 once the actor has made it durable', async () => {
    const answer = await send()
    expect(answer.status).to.equal(202)
    expect(answer.body).to.deep.equal({
      event_id: 'evt-1', record_id: '0193f0a0-0000-7000-8000-000000000001', user_id: '42', session_id: 'manual_20261120', status: 'present', previous_status: null,
    })
    expect(asked[0]?.command).to.deep.equal({
      feature: 'code-attendance', kind: 'record-attendance', member: { userId: '42' }, sessionId: null, status: 'present',
      at: Date.UTC(2026, 10, 20, 18), source: 'webhook', byUserId: null, reason: null, secretHash,
      dateId: null, asker: null, facts: null,
    })
  })

  it('the same event under the same secret is the same op; another event or secret is another', async () => {
    await send()
    await send({ status: 'late' })
    await send({ event_id: 'evt-2' })
    await send({}, { 'x-webhook-secret': 'guess' })
    const ops = asked.map(({ opId }) => opId)
    expect(ops[0]).to.equal(ops[1])
    expect(new Set(ops).size).to.equal(3)
  })

  it('the secret leaves the process only as its hash', async () => {
    await send()
    expect(JSON.stringify(asked)).not.to.contain(secret)
  })

  it('without a secret it is 401 before anything is read, with a wrong one after the actor said so', async () => {
    expect((await send({ guild_id: 'x' }, {})).status).to.equal(401)
    expect(asked).to.deep.equal([])
    outcome = { status: 'answered', reply: { kind: 'attendance-refused', reason: 'wrong-secret' } }
    const answer = await send()
    expect([answer.status, answer.body.error?.code]).to.deep.equal([401, 'wrong-secret'])
  })

  for (const [reason, status] of [['unknown-student', 422], ['too-many-entries', 409], ['unknown-session', 422], ['still-closing', 409]] as readonly [AttendanceRefusal, number][]) {
    it(`${reason} is ${status}`, async () => {
      outcome = { status: 'answered', reply: { kind: 'attendance-refused', reason } }
      const answer = await send()
      expect([answer.status, answer.body.error?.code]).to.deep.equal([status, reason])
    })
  }

  it('an actor that cannot be reached is 503 with Retry-After', async () => {
    for (const reason of ['unanswered', 'no-owner', 'mailbox-full'] as const) {
      outcome = { status: 'refused', reason }
      const answer = await send()
      expect([answer.status, answer.headers.get('retry-after')]).to.deep.equal([503, '2'])
    }
  })

  for (const [what, change] of [
    ['no event id', { event_id: undefined }], ['an empty event id', { event_id: '' }], ['a long event id', { event_id: 'x'.repeat(101) }],
    ['an event id with a line end', { event_id: 'a\nb' }], ['a guild id that is a number', { guild_id: 42 }],
    ['a guild id beyond 63 bits', { guild_id: '9223372036854775808' }], ['neither user nor student', { user_id: undefined }],
    ['both user and student', { student_id: 'S1' }], ['a status of its own', { status: 'asleep' }], ['no time', { at: undefined }],
    ['a time without a zone', { at: '2026-11-20T18:00:00' }], ['a day that does not exist', { at: '2026-13-40T18:00:00Z' }],
    ['a time tomorrow', { at: '2026-11-22T18:00:00Z' }], ['a session with a space', { session_id: 'a b' }], ['a field more', { admin: true }],
  ] as const) {
    it(`400: ${what}`, async () => {
      const answer = await send(change)
      expect([answer.status, answer.body.error?.code]).to.deep.equal([400, 'malformed-request'])
      expect(asked).to.deep.equal([])
    })
  }

  it('400: not JSON, a key twice; 413: too long; 415: another type', async () => {
    const raw = async (text: string, type = 'application/json') =>
      (await fetch(`${api.url}/webhooks/attendance`, { method: 'POST', body: text, headers: { 'content-type': type, 'x-webhook-secret': secret } })).status
    expect(await raw('{')).to.equal(400)
    expect(await raw(JSON.stringify(body).replace('{', '{"status":"late",'))).to.equal(400)
    expect(await raw(JSON.stringify({ ...body, event_id: 'x'.repeat(9_000) }))).to.equal(413)
    expect(await raw('a=b', 'application/x-www-form-urlencoded')).to.equal(415)
  })
})
