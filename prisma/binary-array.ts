/**
 * Postgres' binary form of one-dimensional arrays, straight from rows to bytes.
 *
 * A commit sends some forty columns of up to 500 values. As text each value would be quoted, escaped and parsed again,
 * and bytes doubled as hex; pg sends a Buffer in binary format, so each column is written once into its final form.
 * Layout: dimensions, has-nulls flag, element type; length and lower bound; then per element its size (-1: null) and
 * its bytes, all big-endian. https://www.postgresql.org/docs/current/protocol-overview.html#PROTOCOL-FORMAT-CODES
 */

/** Object identifiers of the element types, fixed in pg_type since they exist. */
const elementOid = { bytea: 17, int8: 20, int4: 23, text: 25 } as const
const headerBytes = 20
const nullSize = -1

/** An array without elements has no dimension. */
function emptyArray(oid: number): Buffer {
  const bytes = Buffer.alloc(12)
  bytes.writeInt32BE(oid, 8)
  return bytes
}

function writeHeader(bytes: Buffer, options: { oid: number; count: number; hasNulls: boolean }): void {
  bytes.writeInt32BE(1, 0)
  bytes.writeInt32BE(options.hasNulls ? 1 : 0, 4)
  bytes.writeInt32BE(options.oid, 8)
  bytes.writeInt32BE(options.count, 12)
  bytes.writeInt32BE(1, 16)
}

export function int4Column<Row>(rows: readonly Row[], pick: (row: Row) => number): Buffer {
  if (rows.length === 0) return emptyArray(elementOid.int4)
  const bytes = Buffer.allocUnsafe(headerBytes + rows.length * 8)
  writeHeader(bytes, { oid: elementOid.int4, count: rows.length, hasNulls: false })
  let at = headerBytes
  for (const row of rows) {
    bytes.writeInt32BE(4, at)
    bytes.writeInt32BE(pick(row), at + 4)
    at += 8
  }
  return bytes
}

/** Decimal strings (snowflakes) and safe integers; null where the column may be null. */
export function int8Column<Row>(rows: readonly Row[], pick: (row: Row) => string | number | null): Buffer {
  if (rows.length === 0) return emptyArray(elementOid.int8)
  const bytes = Buffer.allocUnsafe(headerBytes + rows.length * 12)
  let at = headerBytes
  let hasNulls = false
  for (const row of rows) {
    const value = pick(row)
    if (value === null) {
      hasNulls = true
      at = bytes.writeInt32BE(nullSize, at)
      continue
    }
    at = bytes.writeInt32BE(8, at)
    at = bytes.writeBigInt64BE(BigInt(value), at)
  }
  writeHeader(bytes, { oid: elementOid.int8, count: rows.length, hasNulls })
  return bytes.subarray(0, at)
}

export function textColumn<Row>(rows: readonly Row[], pick: (row: Row) => string | null): Buffer {
  if (rows.length === 0) return emptyArray(elementOid.text)
  // A UTF-16 unit takes at most three bytes of UTF-8: one bound for all, cheaper than measuring every string first.
  let bytesMax = headerBytes + rows.length * 4
  for (const row of rows) bytesMax += (pick(row)?.length ?? 0) * 3
  const bytes = Buffer.allocUnsafe(bytesMax)
  let at = headerBytes
  let hasNulls = false
  for (const row of rows) {
    const value = pick(row)
    if (value === null) {
      hasNulls = true
      at = bytes.writeInt32BE(nullSize, at)
      continue
    }
    const size = bytes.write(value, at + 4, 'utf8')
    bytes.writeInt32BE(size, at)
    at += 4 + size
  }
  writeHeader(bytes, { oid: elementOid.text, count: rows.length, hasNulls })
  return bytes.subarray(0, at)
}

export function byteaColumn<Row>(rows: readonly Row[], pick: (row: Row) => Uint8Array | null): Buffer {
  if (rows.length === 0) return emptyArray(elementOid.bytea)
  let byteCount = headerBytes + rows.length * 4
  for (const row of rows) byteCount += pick(row)?.length ?? 0
  const bytes = Buffer.allocUnsafe(byteCount)
  let at = headerBytes
  let hasNulls = false
  for (const row of rows) {
    const value = pick(row)
    if (value === null) {
      hasNulls = true
      at = bytes.writeInt32BE(nullSize, at)
      continue
    }
    at = bytes.writeInt32BE(value.length, at)
    bytes.set(value, at)
    at += value.length
  }
  writeHeader(bytes, { oid: elementOid.bytea, count: rows.length, hasNulls })
  return bytes
}
