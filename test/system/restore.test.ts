/**
 * "Back up and restore Postgres" of docs/operations.md, carried out: a base backup while people come and go, the log
 * archived, the disk lost, everything restored to the newest point there is.
 *
 * What was archived is there, byte for byte; who is still in voice goes on, with the time between stated as not observed;
 * who left meanwhile has an end that was found out later; and what was recorded after the last archived segment is gone,
 * its number given again, while the receipt that somebody holds still verifies by itself.
 */
import { expect } from 'chai'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GuildDriver } from '../../sandbox/people/people.ts'
import type { MemberDriver } from '../../sandbox/people/member.ts'
import { flushRedis } from '../nemesis/flush-redis.ts'
import type { ArchivedPostgres } from '../support/archived-postgres.ts'
import { openArchivedPostgres } from '../support/archived-postgres.ts'
import type { Fleet } from '../support/fleet-processes.ts'
import { showOutputOnFailure, startFleet } from '../support/fleet-processes.ts'
import { OpenSessions } from '../support/open-sessions.ts'
import type { MusterResult } from '../support/run-muster.ts'
import { runMuster } from '../support/run-muster.ts'
import { testServers, testServersTimeoutMs } from '../support/servers.ts'
import { findMissingSeconds } from '../support/session-oracle.ts'
import type { WrittenReceipt, WrittenRows } from '../support/written-rows.ts'
import { watchWrittenRows } from '../support/written-rows.ts'

describe('Postgres is lost and restored, as the page for operators says (four identifies at once allowed)', function () {
  this.timeout(180_000)
  let postgres: ArchivedPostgres
  let fleet: Fleet
  let rows: WrittenRows
  let folder: string
  let guild: GuildDriver
  const people: Record<'before' | 'after' | 'lost' | 'stays' | 'leaves', MemberDriver> = {} as never
  /** What was acknowledged and archived, and the last record that was not. */
  let archived: readonly WrittenReceipt[]
  let gone: WrittenReceipt

  before(async function () {
    this.timeout(testServersTimeoutMs)
    folder = await mkdtemp(join(tmpdir(), 'muster-restore-'))
    postgres = await openArchivedPostgres()
    const { redisUrl } = await testServers()
    fleet = await startFleet({
      sandbox: { gatewayLimits: { maxConcurrency: 4 } }, shardCount: 1, processCount: 1, servers: { databaseUrl: postgres.url, redisUrl },
    })
    rows = fleet.rows
    guild = fleet.sandbox.people.createGuild({ name: 'Archive', voiceChannels: ['Hall'] })
    for (const name of ['before', 'after', 'lost', 'stays', 'leaves'] as const) people[name] = guild.addMember({ username: name })
    fleet.startManager()
    await fleet.whenReady()
    await guild.owner().slash('admin tracking-mode', { mode: 'all' }).reply()
  })
  afterEach(function () {
    showOutputOnFailure(this.currentTest, fleet)
  })
  after(async () => {
    await fleet?.stop()
    if (rows !== fleet?.rows) await rows?.close()
    await postgres?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const hall = (): string => guild.channel('Hall').id
  const untilOpen = (count: number): Promise<true> => {
    const sessions = new OpenSessions(rows)
    return rows.until(async () => ((await sessions.read()).size === count ? true : undefined))
  }
  const untilReceipts = (count: number): Promise<readonly WrittenReceipt[]> =>
    rows.until(async () => {
      const receipts = await rows.receipts()
      return receipts.length >= count ? receipts : undefined
    })
  /** Comes, is seen, and goes; resolves when the record is durable. */
  async function visit(member: MemberDriver, before: { readonly open: number; readonly receipts: number }): Promise<readonly WrittenReceipt[]> {
    member.joinVoice(hall())
    await untilOpen(before.open + 1)
    member.leaveVoice()
    return await untilReceipts(before.receipts + 1)
  }
  const muster = (...args: readonly string[]): Promise<MusterResult> => runMuster(fleet, args, ['MUSTER_CLUSTER_PUBLIC_KEYS'])
  const exportTo = async (name: string): Promise<string> => {
    const { exitCode, output } = await muster('export', guild.id, '--out', join(folder, name))
    expect(exitCode, output).to.equal(0)
    return join(folder, name)
  }
  const verify = (file: string): Promise<MusterResult> => muster('verify', file, '--key', fleet.clusterPublicKey)

  it('is backed up while people come and go; then its disk dies', async () => {
    await visit(people.before, { open: 0, receipts: 0 })
    await postgres.baseBackup()
    for (const name of ['stays', 'leaves'] as const) people[name].joinVoice(hall())
    await untilOpen(2)
    archived = await visit(people.after, { open: 2, receipts: 1 })
    await postgres.archiveNow()
    gone = (await visit(people.lost, { open: 2, receipts: 2 })).at(-1)!
    expect((await verify(await exportTo('before-the-loss'))).exitCode).to.equal(0)
    await postgres.lose()
  })

  it('is restored to the last archived segment, and the house starts on it', async () => {
    await fleet.stopProcesses()
    people.leaves.leaveVoice()
    await postgres.restore()
    await flushRedis((fleet.environment as Record<string, string>)['REDIS_URL'] ?? '')
    rows = await watchWrittenRows(postgres.url)
    expect(await rows.receipts()).to.deep.equal(archived)
    fleet.startManager()
    await fleet.whenReady()
    const { output } = await muster('doctor', '--json')
    const { findings } = JSON.parse(output.trim().split('\n').at(-1) ?? '') as { findings: readonly { check: string; level: string }[] }
    expect(findings.filter(({ check, level }) => level === 'problem' && /postgres|database|schema/i.test(check))).to.deep.equal([])
  })

  it('open sessions go on, nothing is counted that nobody saw, and the chain goes on where it was restored', async () => {
    people.stays.leaveVoice()
    const receipts = await untilReceipts(4)
    const of = ({ userId }: MemberDriver): WrittenReceipt | undefined => receipts.find((receipt) => receipt.userId === userId)
    expect(receipts.slice(0, 2)).to.deep.equal(archived)
    expect(of(people.stays)).to.include({ recovered: false })
    expect(of(people.stays)!.unobservedSeconds).to.be.greaterThan(0)
    expect(of(people.leaves)).to.include({ recovered: true })
    expect(of(people.leaves)!.leftAt, 'at the last moment known').to.be.at.most(gone.leftAt)
    expect(receipts.map(findMissingSeconds).filter((missing) => missing !== null)).to.deep.equal([])
    expect(of(people.lost), 'what was not archived').to.equal(undefined)
    expect(receipts[2]?.sequence, 'its number is given again').to.equal(gone.sequence)
  })

  it('bundles of both times verify, each by itself', async () => {
    const restored = await verify(await exportTo('after-the-restore'))
    expect(restored.exitCode, restored.output).to.equal(0)
    const held = await verify(join(folder, 'before-the-loss'))
    expect(held.exitCode, held.output).to.equal(0)
  })
})
