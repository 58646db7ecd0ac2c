/**
 * Signing under a passphrase, as it runs: locked while people come and go, unlocked, killed in the middle of sealing,
 * forgotten by Redis, rotated. What was signed late is held against openssl, and everything that is stored, sent or printed
 * is searched for secrets.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Redis } from 'ioredis'
import pg from 'pg'
import { shardOfSlot, slotOf } from '../../actors/ownership/slots.ts'
import { createKeyEncryptionKey } from '../../actors/records/cluster-key.ts'
import { pemOfPublicKey } from '../../actors/records/spki.ts'
import { openUnlockedCopy } from '../../actors/records/unlocked-copy.ts'
import { guildId } from '../../kernel/ids.ts'
import type { GuildDriver } from '../../sandbox/people/people.ts'
import type { Handle } from '../../sandbox/people/handle.ts'
import type { MemberDriver } from '../../sandbox/people/member.ts'
import type { Fleet } from '../support/fleet-processes.ts'
import { refusedRequests, showOutputOnFailure, startFleet } from '../support/fleet-processes.ts'
import { hasOpenssl, verifyWithOpenssl } from '../support/openssl.ts'
import { startProgram } from '../support/program.ts'
import { testServers, testServersTimeoutMs } from '../support/servers.ts'

const passphrase = 'seven lanterns under the old bridge'
const secondPassphrase = 'nine herons over the new harbour!'
const memberCount = 40
const roundsLocked = 50

interface SigningEvent {
  readonly seq: number
  readonly kind: string
  readonly event: Readonly<Record<string, unknown>>
}

describe('signing under a passphrase, two processes (four identifies at once allowed)', function () {
  this.timeout(120_000)
  let fleet: Fleet
  let redis: Redis
  let guild: GuildDriver
  let owner: MemberDriver
  let members: MemberDriver[]

  before(async function () {
    this.timeout(testServersTimeoutMs)
    fleet = await startFleet({ sandbox: { gatewayLimits: { maxConcurrency: 4 } }, shardCount: 4, processCount: 2 })
    redis = new Redis((await testServers()).redisUrl)
    guild = fleet.sandbox.people.createGuild({ name: 'signed', voiceChannels: ['Hall'], textChannels: ['log'] })
    owner = guild.owner()
    members = Array.from({ length: memberCount }, (_, index) => guild.addMember({ username: `member${index}` }))
    fleet.startManager()
    await fleet.whenReady()
    await textOf(owner.slash('admin tracking-mode', { mode: 'all' }))
    // Periods alone: two thousand sessions would be two hundred posts.
    await textOf(owner.slash('admin log-channel', { action: 'add', channel: guild.channel('log').id, events: 'period-closed' }))
  })

  afterEach(function () {
    showOutputOnFailure(this.currentTest, fleet)
    expect(fleet.sandbox.requestLog.violations()).to.deep.equal([])
    expect(refusedRequests(fleet.sandbox)).to.deep.equal([])
  })

  after(async () => {
    redis?.disconnect()
    await fleet?.stop()
  })

  async function textOf(handle: Handle): Promise<string> {
    const reply = await handle.reply()
    expect(reply.kind, JSON.stringify(reply)).to.equal('message')
    return reply.kind === 'message' ? reply.message.content : ''
  }

  /** Fills in the modal that the act is answered with. */
  async function submitTo(handle: Handle, fields: Record<string, string>): Promise<string> {
    const reply = await handle.reply()
    expect(reply.kind, JSON.stringify(reply)).to.equal('modal')
    return await textOf(owner.submit(handle, fields))
  }

  const unlockWith = (words: string): Promise<string> => submitTo(owner.slash('admin unlock-signing'), { passphrase: words })

  /** The newest post of the log channel with this title, once it is there. */
  const posted = (title: string, contains: string): Promise<string> =>
    fleet.rows.until(async () => {
      const texts = owner.messages(guild.channel('log').id).filter(({ embeds }) => embeds[0]?.title === title).map(({ embeds }) => embeds[0]?.description ?? '')
      return await Promise.resolve(texts.find((text) => text.includes(contains)))
    })

  const triesKey = (): string => `${fleet.environment['REDIS_PREFIX']}passphrase:${guild.id}`

  /** Everybody joins and leaves, `rounds` times: as many sessions. */
  function comeAndGo(rounds: number): number {
    for (let round = 0; round < rounds; round += 1) {
      for (const member of members) member.joinVoice(guild.channel('Hall').id)
      for (const member of members) member.leaveVoice()
    }
    return rounds * members.length
  }

  const signingEvents = async (): Promise<SigningEvent[]> => {
    const rows = await fleet.rows.query<{ seq: string; payload: string }>(
      `SELECT seq, payload FROM journal WHERE guild_id = $1 AND payload ~ '"kind":"(record-|signing-|waiting-|receipt-issued)' ORDER BY seq`,
      [guild.id],
    )
    return rows.map(({ seq, payload }) => {
      const { event } = JSON.parse(payload) as { event: Record<string, unknown> & { kind: string } }
      return { seq: Number(seq), kind: event.kind, event }
    })
  }
  const ofKind = async (kind: string): Promise<SigningEvent[]> => (await signingEvents()).filter((event) => event.kind === kind)
  const untilCount = (kind: string, count: number): Promise<SigningEvent[]> =>
    fleet.rows.until(async () => {
      const events = await ofKind(kind)
      return events.length >= count ? events : undefined
    })
  const receiptIds = async (): Promise<string[]> =>
    (await fleet.rows.receipts()).filter((receipt) => receipt.guildId === guild.id).map(({ recordId }) => recordId)
  const ownerPid = (): number => {
    const processIndex = shardOfSlot(slotOf(guildId(guild.id)), 4) < 2 ? 0 : 1
    return fleet.shardPids().get(processIndex)!
  }

  async function expectOpensslAcceptsReceipts(every: number): Promise<void> {
    if (!hasOpenssl()) return
    const rows = await fleet.rows.query<{ signed: Buffer; signature: Buffer; public_key: Buffer; sequence: string }>(
      `SELECT r.signed, r.signature, r.sequence, k.public_key FROM receipt r JOIN guild_key k ON k.key_id = r.key_id
       WHERE r.guild_id = $1 ORDER BY r.sequence`,
      [guild.id],
    )
    const chosen = rows.filter((_, index) => index % every === 0 || index === rows.length - 1)
    for (const row of chosen) {
      const file = {
        signed: row.signed.toString('base64'),
        signature: row.signature.toString('base64'),
        public_key_pem: pemOfPublicKey(row.public_key),
      }
      expect((await verifyWithOpenssl(file)).isAccepted, `sequence ${row.sequence}`).to.equal(true)
    }
  }

  it('a key is made from a passphrase that was entered twice, and signs', async () => {
    const generate = (): Handle => owner.slash('admin generate-keys', { mode: 'passphrase' })
    expect(await submitTo(generate(), { passphrase, again: `${passphrase}?` })).to.contain('not the same')
    expect(await submitTo(generate(), { passphrase, again: passphrase })).to.match(/^New signing key `[0-9a-f-]{36}`\. It is unlocked now\./)
    expect(await submitTo(generate(), { passphrase, again: passphrase })).to.contain('use `/admin rotate-keys`')
    comeAndGo(1)
    await fleet.rows.until(async () => ((await receiptIds()).length >= memberCount ? true : undefined))
    const card = await textOf(owner.slash('admin public-key'))
    expect(card).to.contain('-----BEGIN PUBLIC KEY-----').and.contain(`/keys/${guild.id}`)
    const [first] = await receiptIds()
    expect(await textOf(owner.slash('admin verify-session', { 'session-id': first! }))).to.match(/^\*\*Valid\*\*/)
  })

  it('locked: records wait in order and are told to be unsigned; a wrong passphrase is refused, and only five a minute are tried', async () => {
    expect(await textOf(owner.slash('admin lock-signing'))).to.match(/^Signing is locked\./)
    expect(await textOf(owner.slash('admin rotate-keys'))).to.contain('/admin unlock-signing')
    const finished = comeAndGo(roundsLocked)
    const waiting = await untilCount('record-waiting', finished)
    expect(await receiptIds()).to.have.length(memberCount)
    const rows = await fleet.rows.query<{ record_id: string }>('SELECT record_id FROM waiting_record WHERE guild_id = $1 ORDER BY seq', [guild.id])
    expect(rows.map(({ record_id: id }) => id)).to.deep.equal(waiting.map(({ event }) => event['recordId']))
    expect(await textOf(owner.slash('admin verify-session', { 'session-id': rows[0]!.record_id }))).to.contain('not signed yet')
    expect(await posted('Signing is locked', `<@${owner.userId}>`)).to.contain('records wait, in order')
    // Making the key took one of the five, some time ago: counted from here on.
    await redis.del(triesKey())
    for (let attempt = 0; attempt < 5; attempt += 1) expect(await unlockWith('not the words at all')).to.contain('not the passphrase')
    expect(await unlockWith(passphrase)).to.match(/^Too many passphrases were tried in this server\. Please wait \d+ seconds\.$/)
  })

  it('unlocked, and the owner killed in the middle of sealing: all are signed, once, in order, none missing (I4)', async () => {
    const before = ownerPid()
    process.kill(before, 'SIGKILL')
    await fleet.whenExited(before)
    await fleet.whenReady()
    expect(await receiptIds()).to.have.length(memberCount)
    // The tries are the guild's: the process that heard them is dead, and the next one refuses as well until they end.
    expect(await redis.pexpire(triesKey(), 60_000)).to.equal(1)
    expect(await unlockWith(passphrase)).to.match(/^Too many passphrases/)
    await redis.del(triesKey())
    expect(await unlockWith(passphrase)).to.equal(`Signing is unlocked. ${memberCount * roundsLocked} records are being signed now, in order.`)
    const announced = posted('Signing is unlocked', `${memberCount * roundsLocked} records`)
    const startedAt = performance.now()
    const [firstRun] = await untilCount('waiting-sealed', 1)
    expect(firstRun?.event).to.include({ sealed: 200, refused: 0 })
    const killed = ownerPid()
    process.kill(killed, 'SIGKILL')
    await fleet.whenExited(killed)
    const runs = await untilCount('waiting-sealed', (memberCount * roundsLocked) / 200)
    const events = await signingEvents()
    process.stdout.write(`      ${memberCount * roundsLocked} sealed in ${Math.round(performance.now() - startedAt)} ms, a kill included\n`)
    await fleet.whenReady()
    expect(runs).to.have.length((memberCount * roundsLocked) / 200)
    const waited = events.filter(({ kind }) => kind === 'record-waiting').map(({ event }) => event['recordId'])
    const issued = events.filter(({ kind }) => kind === 'receipt-issued')
    expect(issued.map(({ event }) => event['sequence'])).to.deep.equal(issued.map((_, index) => index + 1))
    expect(issued.slice(memberCount).map(({ event }) => event['recordId'])).to.deep.equal(waited)
    expect(await receiptIds()).to.deep.equal(issued.map(({ event }) => event['recordId']))
    expect(await fleet.rows.query('SELECT 1 FROM waiting_record WHERE guild_id = $1', [guild.id])).to.deep.equal([])
    expect(await textOf(owner.slash('admin verify-session', { 'session-id': String(waited.at(-1)) }))).to.match(/^\*\*Valid\*\*/)
    expect(await announced).to.contain(`Unlocked by <@${owner.userId}>.`)
    await expectOpensslAcceptsReceipts(97)
  })

  it('a change of owner keeps signing unlocked: nobody typed anything, and new records are signed', async () => {
    const before = (await receiptIds()).length
    comeAndGo(1)
    await fleet.rows.until(async () => ((await receiptIds()).length >= before + memberCount ? true : undefined))
    expect((await ofKind('signing-locked')).map(({ event }) => event['byUserId'])).to.deep.equal([owner.userId])
  })

  it('secrets are nowhere: neither in Postgres, Redis nor the log, but for the copy under the key-encryption key', async () => {
    const { MUSTER_KEK: kek, REDIS_PREFIX: prefix, MUSTER_CLUSTER_KEY: clusterKey } = fleet.environment as Record<string, string>
    const copy = await redis.getBuffer(`${prefix}unlocked:${guild.id}`)
    const [unlocked] = (await signingEvents()).filter(({ kind }) => kind === 'signing-unlocked').slice(-1)
    const { keyId, unlockId } = unlocked!.event as { keyId: string; unlockId: string }
    const keks = [createKeyEncryptionKey(Buffer.from(kek!, 'base64'))] as const
    const seed = Buffer.from(openUnlockedCopy({ guildId: guild.id, keyId, unlockId }, copy!, keks))
    const secrets = [Buffer.from(passphrase), Buffer.from('not the words at all'), seed, Buffer.from(kek!, 'base64'), Buffer.from(clusterKey!, 'base64')]
    const forms = secrets.flatMap((secret) => [secret, Buffer.from(secret.toString('base64')), Buffer.from(secret.toString('hex'))])
    const places = {
      postgres: await dumpPostgres(fleet.databaseUrl),
      redis: await dumpRedis(redis, prefix!),
      log: Buffer.from(fleet.output()),
    }
    for (const [place, bytes] of Object.entries(places)) {
      expect(bytes.length, place).to.be.greaterThan(1_000)
      expect(forms.filter((form) => bytes.includes(form)).length, place).to.equal(0)
    }
  })

  it('a Redis that forgot locks signing; with the policy drop what is finished then is counted and never signed', async () => {
    await redis.del(`${fleet.environment['REDIS_PREFIX']}unlocked:${guild.id}`)
    const locked = await untilCount('signing-locked', 2)
    expect(locked.at(-1)?.event['byUserId']).to.equal(null)
    expect(await textOf(owner.slash('admin signing-policy', { policy: 'drop' }))).to.contain('is now **drop**').and.contain('It was queue.')
    expect(await posted('Signing is locked', 'Nobody locked it')).to.contain('/admin unlock-signing')
    const before = await receiptIds()
    comeAndGo(1)
    const dropped = await untilCount('record-dropped', memberCount)
    expect(await receiptIds()).to.deep.equal(before)
    expect(await unlockWith(passphrase)).to.equal('Signing is unlocked. No record is waiting.')
    comeAndGo(1)
    await fleet.rows.until(async () => ((await receiptIds()).length >= before.length + memberCount ? true : undefined))
    const ids = await receiptIds()
    expect(ids.filter((id) => dropped.some(({ event }) => event['recordId'] === id))).to.deep.equal([])
  })

  it('a rotated key is stated by the one before it; what both signed is valid, and a second click makes no second key', async () => {
    const asked = await owner.slash('admin rotate-keys').reply()
    if (asked.kind !== 'message') throw new Error(JSON.stringify(asked))
    const [row] = asked.message.components as unknown as { components: { custom_id: string }[] }[]
    const { custom_id: confirm } = row!.components[0]!
    const click = (): Handle => owner.click(asked.message, confirm)
    const second = click()
    expect(await submitTo(click(), { passphrase: secondPassphrase, again: secondPassphrase })).to.match(/^New signing key/)
    await second.reply()
    expect(await textOf(owner.submit(second, { passphrase: secondPassphrase, again: secondPassphrase }))).to.contain('changed by somebody else')
    const before = await receiptIds()
    comeAndGo(1)
    await fleet.rows.until(async () => ((await receiptIds()).length >= before.length + memberCount ? true : undefined))
    const ids = await receiptIds()
    for (const id of [ids[0]!, before.at(-1)!, ids.at(-1)!]) {
      expect(await textOf(owner.slash('admin verify-session', { 'session-id': id }))).to.match(/^\*\*Valid\*\*/)
    }
    const keys = await fleet.rows.query<{ first_sequence: string; last_sequence: string | null }>(
      'SELECT first_sequence, last_sequence FROM guild_key WHERE guild_id = $1 ORDER BY first_sequence',
      [guild.id],
    )
    expect(keys).to.deep.equal([
      { first_sequence: '1', last_sequence: String(before.length) },
      { first_sequence: String(before.length + 1), last_sequence: null },
    ])
    await expectOpensslAcceptsReceipts(500)
  })

  it('the period says how much was never signed; its verdict is everybody’s, its board only once it is public', async () => {
    const asked = await owner.slash('admin reset-now').reply()
    if (asked.kind !== 'message') throw new Error(JSON.stringify(asked))
    const [row] = asked.message.components as unknown as { components: { custom_id: string }[] }[]
    expect(await textOf(owner.click(asked.message, row!.components[0]!.custom_id))).to.contain('Period 1 is closed')
    expect(await textOf(owner.slash('admin verify-period', { period: 1 }))).to.match(/^\*\*Valid\*\*/)
    const [period] = await fleet.rows.query<{ id: string; text: string; hash: string; sequence: string }>(
      `SELECT record_id::text AS id, convert_from(signed, 'UTF8') AS text, encode(payload_hash, 'hex') AS hash, sequence FROM receipt WHERE guild_id = $1 AND type = 'period'`,
      [guild.id],
    )
    const { payload } = JSON.parse(period!.text) as { payload: { unsigned: { sessions: number }; entries: { sessions: number }[] } }
    const [{ count: counted }] = (await fleet.rows.query<{ count: string }>("SELECT count(*) FROM receipt WHERE guild_id = $1 AND type = 'voice-session'", [guild.id])) as [{ count: string }]
    const signedSessions = Number(counted)
    expect(payload.unsigned.sessions).to.equal(memberCount)
    expect(payload.entries.reduce((sum, { sessions }) => sum + sessions, 0)).to.equal(signedSessions)
    // The post keeps how far the chain had come: the period's own receipt, or what came after it.
    expect(await posted('Period 1 is closed', 'Chain head')).to.contain(period!.hash).and.contain(`/v/${period!.id}`)

    const url = await fleet.startApi()
    const verdict = async () => (await (await fetch(`${url}/verify/period/${guild.id}/1`)).json()) as { valid: boolean; entries: unknown; period: object }
    expect(await verdict()).to.deep.include({ valid: true, entries: null })
    expect((await verdict()).period).to.deep.include({ members: memberCount, sessions: signedSessions, unsigned: payload.unsigned })
    await textOf(owner.slash('admin periods', { 'public-board': true }))
    // What the guild said is believed for five seconds: another process has not asked yet.
    const second = await fleet.startApi()
    const shown = (await (await fetch(`${second}/verify/period/${guild.id}/1`)).json()) as { entries: unknown }
    expect(shown.entries).to.deep.equal(payload.entries)
  })

  it('an export is told in the log channel with the head of the chain, and verifies', async () => {
    const muster = async (...args: readonly string[]): Promise<string> => {
      const program = startProgram({ name: `muster ${args[0]}`, entry: 'cli/main.ts', args, environment: { ...fleet.environment }, ipc: false })
      expect(await program.exited, program.output()).to.include({ exitCode: 0 })
      await program.closed
      return program.output()
    }
    const folder = await mkdtemp(join(tmpdir(), 'muster-export-'))
    const out = join(folder, 'bundle.jsonl')
    try {
      expect(await muster('export', guild.id, '--out', out)).to.contain('The head of the chain is posted in 1 log channel.')
      const lines = (await readFile(out, 'utf8')).trimEnd().split('\n')
      const head = JSON.parse(lines.at(-1)!) as { sequence: number; hash: string }
      expect(await posted('Records were exported', head.hash)).to.contain(`Records 1 to ${head.sequence}.`)
      expect(await muster('verify', out, '--key', fleet.clusterPublicKey)).to.contain('valid')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

/** Every row of every table, bytes as hexadecimal and as they are. */
async function dumpPostgres(url: string): Promise<Buffer> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const parts: Buffer[] = []
  const { rows: tables } = await client.query<{ name: string }>("SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'")
  for (const { name } of tables) {
    const { rows } = await client.query<Record<string, unknown>>(`SELECT * FROM "${name}"`)
    for (const value of rows.flatMap((row) => Object.values(row))) {
      if (Buffer.isBuffer(value)) parts.push(value, Buffer.from(value.toString('hex')))
      else parts.push(Buffer.from(JSON.stringify(value)))
    }
  }
  await client.end()
  return Buffer.concat(parts)
}

/** Every key of ours in Redis' own form, names included. */
async function dumpRedis(redis: Redis, prefix: string): Promise<Buffer> {
  const parts: Buffer[] = []
  for (const key of await redis.keys(`${prefix}*`)) {
    parts.push(Buffer.from(key))
    const type = await redis.type(key)
    if (type === 'string') parts.push((await redis.getBuffer(key)) ?? Buffer.alloc(0))
    else if (type === 'stream') parts.push(Buffer.from(JSON.stringify(await redis.xrange(key, '-', '+'))))
    else if (type === 'hash') parts.push(Buffer.from(JSON.stringify(await redis.hgetall(key))))
    else if (type === 'zset') parts.push(Buffer.from((await redis.zrange(key, '0', '-1')).join('\n')))
  }
  return Buffer.concat(parts)
}
