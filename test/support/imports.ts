/**
 * What a TypeScript file imports, read from its text. The house writes imports in one form (a statement that starts its
 * line, single quotes), so no compiler is needed to find them; dynamic imports count as well.
 */
export interface Import {
  readonly specifier: string
  /** Erased by the compiler: it ties two files together for the reader only. */
  readonly isType: boolean
}

const statement =
  /^(?:import|export)\s+(type\s+)?(?:\{[^}]*\}|\*(?:\s+as\s+\w+)?|\w+(?:\s*,\s*\{[^}]*\})?)\s+from\s+['"]([^'"]+)['"]/gm
const bare = /^import\s+['"]([^'"]+)['"]/gm
const dynamic = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g

export function parseImports(text: string): readonly Import[] {
  const statements = [...text.matchAll(statement)].map(([, type, specifier = '']) => ({ specifier, isType: type !== undefined }))
  const others = [...text.matchAll(bare), ...text.matchAll(dynamic)].map(([, specifier = '']) => ({ specifier, isType: false }))
  return [...statements, ...others]
}
