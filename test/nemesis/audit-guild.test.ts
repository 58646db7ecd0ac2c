/**
 * The judge of the nemesis, judged: each finding on a small journal that is wrong in one way.
 */
import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { opId } from '../../kernel/ids.ts'
import { guildIn } from '../support/commit-batches.ts'
import type { GuildFindings, GuildRows } from './audit-guild.ts'
import { auditGuild } from './audit-guild.ts'
import type { ClientRecord } from './record.ts'
import { parseRecord, recordLine } from './record.ts'

const guild = guildIn(3)

interface Written {
  readonly op: string
  readonly fence?: number
  readonly position?: number
  readonly at?: number
}

/** A journal of these ops, right but for what they say themselves. */
function rowsOf(...written: readonly Written[]): GuildRows {
  let hash = Buffer.alloc(32)
  const journal = written.map(({ op, fence = 1, position, at = 0 }, index) => {
    const event = { kind: 'ledger-appended', value: op, position: position ?? index + 1 }
    const payload = JSON.stringify({ seq: index + 1, at, op, feature: 'ledger', event })
    hash = createHash('sha256').update(hash).update(payload).digest()
    return { seq: index + 1, fence, payload, hash }
  })
  return { guildId: guild, head: { seq: journal.length, hash }, journal, outbox: [] }
}

const appended = (op: string, position: number, askedAt = 0, at = askedAt + 1): ClientRecord =>
  ({ kind: 'appended', at, askedAt, guildId: guild, opId: opId(op), position })
const read = (count: number, last: string | null, askedAt: number): ClientRecord =>
  ({ kind: 'read', at: askedAt + 1, askedAt, guildId: guild, opId: opId(`read-${askedAt}`), count, last })

const kinds = ['lost', 'doubled', 'holes', 'wrongReads', 'wrongRows', 'afterRefusal'] as const
const found = (findings: GuildFindings): readonly string[] => kinds.filter((kind) => findings[kind].length > 0)

describe('nemesis: the audit of a guild', () => {
  it('finds nothing where every answer stands, and knows the fence of each', () => {
    const findings = auditGuild(rowsOf({ op: 'a' }, { op: 'b', fence: 2 }), [appended('a', 1), appended('b', 2, 5), read(2, 'b', 9)])
    expect(found(findings)).to.deep.equal([])
    expect([...findings.fenceOf]).to.deep.equal([['a', 1], ['b', 2]])
  })

  it('an op that nobody was told of may stand or not', () => {
    expect(found(auditGuild(rowsOf({ op: 'a' }, { op: 'unheard' }), [appended('a', 1)]))).to.deep.equal([])
  })

  it('finds what was acknowledged and does not stand', () => {
    expect(found(auditGuild(rowsOf({ op: 'a' }), [appended('a', 1), appended('b', 2, 5)]))).to.deep.equal(['lost'])
  })

  it('finds an op that stands twice', () => {
    expect(found(auditGuild(rowsOf({ op: 'a' }, { op: 'a' }), []))).to.deep.equal(['doubled'])
  })

  it('finds a missing row, and a position that was skipped', () => {
    const { journal, ...rest } = rowsOf({ op: 'a' }, { op: 'b' }, { op: 'c' })
    expect(found(auditGuild({ ...rest, journal: journal.filter(({ seq }) => seq !== 2) }, []))).to.include('holes')
    expect(found(auditGuild(rowsOf({ op: 'a' }, { op: 'b', position: 3 }), []))).to.deep.equal(['holes'])
  })

  it('finds a broken chain, a wrong head, a fence and a time that decrease', () => {
    const rows = rowsOf({ op: 'a' }, { op: 'b' })
    const changed = rows.journal.map((row) => ({ ...row, payload: row.payload.replace('"at":0', '"at":1') }))
    expect(found(auditGuild({ ...rows, journal: changed }, []))).to.deep.equal(['wrongRows'])
    expect(found(auditGuild({ ...rows, head: null }, []))).to.deep.equal(['wrongRows'])
    expect(found(auditGuild(rowsOf({ op: 'a', fence: 2 }, { op: 'b', fence: 1 }), []))).to.deep.equal(['wrongRows'])
    expect(found(auditGuild(rowsOf({ op: 'a', at: 2 }, { op: 'b', at: 1 }), []))).to.deep.equal(['wrongRows'])
  })

  it('finds an answer that names another place', () => {
    expect(found(auditGuild(rowsOf({ op: 'a' }, { op: 'b' }), [appended('b', 1, 9)]))).to.deep.equal(['wrongRows'])
  })

  it('finds a read that shows less than was known when it was asked, and allows it when it was not', () => {
    const rows = rowsOf({ op: 'a' }, { op: 'b' })
    const told = [appended('a', 1, 0, 1), appended('b', 2, 2, 5)]
    expect(found(auditGuild(rows, [...told, read(1, 'a', 9)]))).to.deep.equal(['wrongReads'])
    expect(found(auditGuild(rows, [...told, read(1, 'a', 4)]))).to.deep.equal([])
    expect(found(auditGuild(rows, [read(2, 'b', 1), read(1, 'a', 9)]))).to.deep.equal(['wrongReads'])
  })

  it('finds a read that showed what does not stand', () => {
    expect(found(auditGuild(rowsOf({ op: 'a' }), [read(2, 'b', 9)]))).to.deep.equal(['wrongReads'])
    expect(found(auditGuild(rowsOf({ op: 'a' }), [read(1, 'b', 9)]))).to.deep.equal(['wrongReads'])
  })

  it('finds a command that took effect after it was refused for good', () => {
    const refused: ClientRecord = { kind: 'refused', at: 2, askedAt: 1, guildId: guild, opId: opId('a'), reason: 'busy' }
    expect(found(auditGuild(rowsOf({ op: 'a' }), [refused]))).to.deep.equal(['afterRefusal'])
    expect(found(auditGuild(rowsOf({ op: 'b' }), [refused]))).to.deep.equal([])
  })

  it('finds an effect that was not settled', () => {
    const rows = rowsOf({ op: 'a' })
    expect(found(auditGuild({ ...rows, outbox: [{ seq: 1, ordinal: 0, state: 'pending' }] }, []))).to.deep.equal(['lost'])
    expect(found(auditGuild({ ...rows, outbox: [{ seq: 1, ordinal: 0, state: 'done' }] }, []))).to.deep.equal(['lost'])
  })

  it('records are read as they were written', () => {
    const refused: ClientRecord = { kind: 'refused', at: 2.5, askedAt: 1, guildId: guild, opId: opId('a'), reason: 'busy' }
    const records = [appended('a', 1, 0.25), read(0, null, 3), read(1, 'a', 4), refused]
    expect(records.map((record) => parseRecord(recordLine(record).trimEnd()))).to.deep.equal(records)
  })
})
