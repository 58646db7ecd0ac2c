/**
 * Names of buttons, menus and modals: `feature:action:guild:argument…`, at most 100 characters.
 *
 * They carry all that a click needs, because whoever answers it may be another process than the one that posted it. They
 * come back from outside: what they say is checked at every click and believed of nothing. No secret is ever in one.
 * https://docs.discord.com/developers/components/reference
 */
import { assert } from '../../kernel/assert.ts'
import type { GuildId } from '../../kernel/ids.ts'

const lengthMax = 100
const part = /^[A-Za-z0-9_-]+$/

export interface CustomId {
  readonly feature: string
  readonly action: string
  readonly guildId: string
  readonly args: readonly string[]
}

export function formatCustomId(id: { feature: string; action: string; guildId: GuildId; args?: readonly string[] }): string {
  const parts = [id.feature, id.action, id.guildId, ...(id.args ?? [])]
  assert(parts.every((text) => part.test(text)), 'a part of a custom id is letters, digits, _ and -')
  const text = parts.join(':')
  assert(text.length <= lengthMax, `a custom id has at most ${lengthMax} characters`)
  return text
}

/** null: not one of ours. */
export function parseCustomId(text: string): CustomId | null {
  const [feature, action, guildId, ...args] = text.split(':')
  if (feature === undefined || action === undefined || guildId === undefined || text.length > lengthMax) return null
  return text.split(':').every((one) => part.test(one)) ? { feature, action, guildId, args } : null
}
