/**
 * The SQL that leads from one schema to another, as Prisma would write it.
 *
 * Both are the text of a schema.prisma. The engine insists on a database to connect to, whatever is in it; the
 * comparison reads nothing there and changes nothing.
 */
import pg from 'pg'
import { assert } from '../kernel/assert.ts'
import { withSchemaEngine } from './schema-engine.ts'

/** SQL from `from` (undefined: an empty database) to `to`; the empty text when they are equal. */
export async function diffSchemas(url: string, { from, to }: { from: string | undefined; to: string }): Promise<string> {
  const pool = new pg.Pool({ connectionString: url, max: 2 })
  pool.on('error', () => undefined) // An idle connection that breaks: the query that needs it tells.
  try {
    const result = await withSchemaEngine(pool, to, (engine) =>
      engine.diff({
        from: from === undefined ? { tag: 'empty' } : { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: from }] },
        to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: to }] },
        script: true,
        exitCode: null,
        filters: { externalTables: [], externalEnums: [] },
      }),
    )
    assert(result.stdout !== null, 'schema engine printed no script')
    return /^-- This is an empty migration\.\s*$/.test(result.stdout) ? '' : result.stdout
  } finally {
    await pool.end()
  }
}
