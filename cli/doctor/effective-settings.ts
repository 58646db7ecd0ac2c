/**
 * What each process would read from this environment, setting by setting: problems do not hide the others. Pure.
 */
import type { Environment, SettingsSchema } from '../../kernel/settings.ts'
import { notesOf, settingsIn } from '../../kernel/settings.ts'
import type { ProcessKind } from '../every-setting.ts'
import { everySetting } from '../every-setting.ts'

export interface EffectiveSetting {
  readonly process: ProcessKind
  readonly name: string
  /** As it would be written; null: nothing is set and there is no default. */
  readonly text: string | null
  /** Where it comes from. */
  readonly from: 'environment' | 'default' | 'nowhere'
  readonly isSecret: boolean
  /** True: the process does not start without it. */
  readonly isRequired: boolean
  /** What is wrong with what is set; null: nothing. */
  readonly problem: string | null
}

export function effectiveSettings(environment: Environment): readonly EffectiveSetting[] {
  return (Object.keys(everySetting) as ProcessKind[]).flatMap((kind) => settingsOf(kind, environment))
}

export function settingsOf(kind: ProcessKind, environment: Environment): readonly EffectiveSetting[] {
  const schema: SettingsSchema = everySetting[kind]
  const set = settingsIn(schema, environment)
  return Object.keys(schema.shape).map((name) => {
    const text = set[name]
    const absent = check(schema, name, undefined)
    const given = text === undefined ? absent : check(schema, name, text)
    return {
      process: kind,
      name,
      text: text ?? (absent.problem === null ? textOf(absent.value) : null),
      from: text !== undefined ? 'environment' : absent.problem === null && textOf(absent.value) !== null ? 'default' : 'nowhere',
      isSecret: notesOf(schema, name).isSecret === true,
      isRequired: absent.problem !== null,
      problem: text === undefined ? null : given.problem,
    }
  })
}

function check(schema: SettingsSchema, name: string, text: string | undefined): { readonly value: unknown; readonly problem: string | null } {
  const result = schema.shape[name]?.['~standard'].validate(text)
  if (result === undefined || result instanceof Promise) return { value: undefined, problem: 'cannot be checked' }
  if (result.issues === undefined) return { value: result.value, problem: null }
  return { value: undefined, problem: result.issues[0]?.message ?? 'cannot be used' }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null
}

/** What may be shown: of an address with a password all but that, of any other secret only that it is there. */
export function masked({ text, isSecret }: Pick<EffectiveSetting, 'text' | 'isSecret'>): string {
  if (text === null) return '—'
  if (!isSecret) return text
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^(postgres(ql)?|rediss?):$/.test(url.protocol)) return '••••••'
  // A password may also stand in the query.
  const query = url.search === '' ? '' : '?…'
  const user = url.username === '' && url.password === '' ? '' : `${url.username}${url.password === '' ? '' : ':••••••'}@`
  return `${url.protocol}//${user}${url.host}${url.pathname}${query}`
}
