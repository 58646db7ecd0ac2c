/**
 * A database's structure as sentences, one a fact, so that two databases can be compared as two sets of lines.
 *
 * Read from Postgres' own catalogs and its own words for definitions (format_type, pg_get_constraintdef …): whatever
 * is spelled differently in two scripts and means the same comes out the same. Only the public schema is read, and
 * not the ledger of migrations.
 */
import type { Pool } from 'pg'

const queries = {
  table: `SELECT format('table %I%s', c.relname, CASE WHEN c.relpersistence = 'p' THEN '' ELSE ' not permanent' END) AS line FROM tables c`,
  option: `SELECT format('table %I has %s', c.relname, option) AS line FROM tables c, unnest(c.reloptions) option`,
  column: `SELECT format('column %I.%I %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
             CASE WHEN a.attnotnull THEN ' not null' ELSE '' END,
             coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')) AS line
           FROM tables c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
           LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum`,
  constraint: `SELECT format('constraint %I.%I %s', c.relname, k.conname, pg_get_constraintdef(k.oid)) AS line
               FROM tables c JOIN pg_constraint k ON k.conrelid = c.oid WHERE k.contype <> 'n'`,
  index: `SELECT 'index ' || pg_get_indexdef(i.indexrelid) AS line FROM tables c JOIN pg_index i ON i.indrelid = c.oid`,
  trigger: `SELECT 'trigger ' || pg_get_triggerdef(t.oid) AS line FROM tables c JOIN pg_trigger t ON t.tgrelid = c.oid WHERE NOT t.tgisinternal`,
  sequence: `SELECT format('sequence %I', relname) AS line FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace`,
  view: `SELECT format('view %I %s', relname, pg_get_viewdef(oid)) AS line FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace`,
  function: `SELECT 'function ' || oid::regprocedure AS line FROM pg_proc WHERE pronamespace = 'public'::regnamespace`,
  type: `SELECT format('type %I %s', t.typname, (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)) AS line
         FROM pg_type t WHERE t.typtype IN ('e', 'd') AND t.typnamespace = 'public'::regnamespace`,
} as const

const tables = `WITH tables AS (SELECT * FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
                AND relname <> '_prisma_migrations')`

/** Every fact about the structure, sorted. */
export async function describeCatalog(pool: Pool): Promise<readonly string[]> {
  const lines: string[] = []
  for (const query of Object.values(queries)) {
    const { rows } = await pool.query<{ line: string }>(`${tables} ${query}`)
    lines.push(...rows.map((row) => row.line))
  }
  return lines.toSorted()
}

/** What one list of facts has and the other has not. */
export interface CatalogDifference {
  readonly missing: readonly string[]
  readonly unexpected: readonly string[]
}

/** Compares facts found with facts expected. */
export function compareCatalogs(expected: readonly string[], found: readonly string[]): CatalogDifference {
  const [expectedSet, foundSet] = [new Set(expected), new Set(found)]
  return {
    missing: expected.filter((line) => !foundSet.has(line)),
    unexpected: found.filter((line) => !expectedSet.has(line)),
  }
}
