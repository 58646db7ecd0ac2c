/**
 * Columns in Postgres' binary form, read back by Postgres itself.
 */
import { expect } from 'chai'
import fc from 'fast-check'
import { byteaColumn, int4Column, int8Column, textColumn } from '../../prisma/binary-array.ts'
import type { PostgresPool } from '../../prisma/postgres-pool.ts'
import { createTestPostgresPool } from '../contract/database-stores.ts'
import { createTestDatabase, testServersTimeoutMs } from '../support/servers.ts'
import type { TestDatabase } from '../support/servers.ts'

const same = <Value>(value: Value): Value => value

describe('binary arrays', () => {
  let database: TestDatabase
  let pool: PostgresPool

  before(async function () {
    this.timeout(testServersTimeoutMs)
    database = await createTestDatabase({ migrated: false })
    pool = createTestPostgresPool(database.url)
  })
  after(async () => {
    await pool.end()
    await database.drop()
  })

  async function readBack(type: string, column: Buffer): Promise<unknown> {
    return (await pool.query<{ value: unknown }>(`SELECT $1::${type}[] AS value`, [column])).rows[0]?.value
  }
  const check = <Value>(type: string, values: fc.Arbitrary<Value>, encode: (rows: Value[]) => Buffer, seen: (value: Value) => unknown): Promise<void> =>
    fc.assert(
      fc.asyncProperty(fc.array(values, { maxLength: 20 }), async (rows) => {
        expect(await readBack(type, encode(rows))).to.deep.equal(rows.map(seen))
      }),
      { numRuns: 50 },
    )

  it('carry any int4', () => check('int4', fc.integer(), (rows) => int4Column(rows, same), same))

  it('carry any int8, as text or number, and nulls', () =>
    check(
      'int8',
      fc.oneof(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }).map(String), fc.maxSafeInteger(), fc.constant(null)),
      (rows) => int8Column(rows, same),
      (value) => (value === null ? null : String(value === 0 ? 0 : value)),
    ))

  it('carry any well-formed text without U+0000, and nulls', () =>
    check(
      'text',
      fc.option(fc.string({ unit: 'binary' }).map((text) => text.toWellFormed().replaceAll('\u0000', '')), { nil: null }),
      (rows) => textColumn(rows, same),
      same,
    ))

  it('carry any bytes, and nulls', () =>
    check(
      'bytea',
      fc.option(fc.uint8Array({ maxLength: 40 }), { nil: null }),
      (rows) => byteaColumn(rows, same),
      (value) => (value === null ? null : Buffer.from(value)),
    ))

  it('refuse a number that no column holds', () => {
    expect(() => int4Column([2 ** 31], same)).to.throw(RangeError)
    expect(() => int8Column([(1n << 63n).toString()], same)).to.throw(RangeError)
  })
})
