/**
 * The settings of every process of the house, by process: what `configured.ts` passes on, `.env.example` explains and
 * `muster doctor` shows.
 */
import { apiSettings } from '../api/config.ts'
import { managerSettings } from '../cluster/config.ts'
import type { SettingNotes, SettingsSchema } from '../kernel/settings.ts'
import { notesOf } from '../kernel/settings.ts'
import { sandboxSettings } from '../sandbox/config.ts'
import { shardSettings } from '../shards/config.ts'
import { houseSettings } from './config.ts'

export const everySetting = {
  muster: houseSettings,
  manager: managerSettings,
  shard: shardSettings,
  api: apiSettings,
  sandbox: sandboxSettings,
} as const satisfies Readonly<Record<string, SettingsSchema>>
export type ProcessKind = keyof typeof everySetting

export interface NamedSetting extends SettingNotes {
  readonly name: string
  /** What it is when it is not set, as it would be written; null: nothing, or not a text. */
  readonly byDefault: string | null
}

/** Each variable once, in the order of `.env.example`: by section, then as the processes name them. */
export function listSettings(): readonly NamedSetting[] {
  const found = new Map<string, NamedSetting>()
  for (const schema of Object.values(everySetting) as readonly SettingsSchema[]) {
    for (const name of Object.keys(schema.shape)) {
      const known = found.get(name)
      if (known === undefined || known.byDefault === null) found.set(name, { name, ...notesOf(schema, name), byDefault: defaultOf(schema, name) })
    }
  }
  return [...found.values()]
}

function defaultOf(schema: SettingsSchema, name: string): string | null {
  const result = schema.shape[name]?.['~standard'].validate(undefined)
  if (result === undefined || result instanceof Promise || result.issues !== undefined) return null
  return typeof result.value === 'string' || typeof result.value === 'number' ? String(result.value) : null
}
