/**
 * Prisma's own schema engine, run from WebAssembly: no download, no binary, no command line.
 *
 * The npm package is built for bundlers, which turn its `.wasm` import into a module; Node does not, so the module is
 * instantiated here by hand. The engine prints the SQL for a difference between two schemas. It cannot look into a
 * live database ("column type 'char' could not be deserialized"), so nothing here asks it to.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg'
import type { SchemaEngine } from '@prisma/schema-engine-wasm'
import type { Pool } from 'pg'

export type { SchemaEngine }

/** What the glue code exports beside the types of the package. */
interface Glue {
  __wbg_set_wasm(exports: Exports): void
  SchemaEngine: { new: typeof SchemaEngine.new }
}

type Exports = Readonly<Record<string, unknown>>

/** The globals that are used; the types of WebAssembly come with the DOM's, which this house does not load. */
interface World {
  readonly WebAssembly: {
    instantiate(bytes: Uint8Array, imports: Record<string, unknown>): Promise<{ instance: { exports: Exports } }>
  }
  PRISMA_WASM_PANIC_REGISTRY?: { set_message(message: string): void }
}

/**
 * Runs `action` with an engine over the pool. The pool is only connected to when the engine needs a database; it
 * stays the caller's to end.
 */
export async function withSchemaEngine<T>(pool: Pool, schema: string, action: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  await (started ??= start())
  const glue = bindings as unknown as Glue
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool))
  const engine = await glue.SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => undefined, adapter)
  try {
    return await action(engine)
  } finally {
    engine.free()
  }
}

/** The glue keeps views of one memory, so there is one instance a process, made when first asked for. */
let started: Promise<void> | undefined

async function start(): Promise<void> {
  const glueFile = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const bytes = await readFile(glueFile.replace(/\.js$/, '.wasm'))
  const world = globalThis as unknown as World
  // A panic of the engine leaves its message here before it traps; without this place the message would be lost.
  world.PRISMA_WASM_PANIC_REGISTRY ??= {
    set_message: (message) => {
      throw new Error(`schema engine panicked: ${message}`)
    },
  }
  const { instance } = await world.WebAssembly.instantiate(bytes, { './schema_engine_bg.js': bindings })
  const glue = bindings as unknown as Glue
  glue.__wbg_set_wasm(instance.exports)
  const begin = instance.exports['__wbindgen_start'] as () => void
  begin()
}
