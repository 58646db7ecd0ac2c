/**
 * Whether a guild has switched on public boards: asked of its actor, remembered for a few seconds.
 *
 * The setting lives in the guild's state alone. Who cannot be asked (no Redis, no owner, no answer in time) has not switched
 * anything on as far as this process knows: entries are shown only on a "yes", because they are everybody's hours.
 */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../kernel/clock.ts'
import { guildId, opId } from '../kernel/ids.ts'
import type { AskActor } from './routes/webhooks.ts'

const guildsMax = 10_000
const believedForMs = 5_000
/** A verdict without entries is better than one that is late. */
const deadlineMs = 1_000

export type HasPublicBoards = (guild: string) => Promise<boolean>

export function createPublicBoards(clock: Pick<Clock, 'monotonicMs'>, ask: AskActor | null): HasPublicBoards {
  if (ask === null) return () => Promise.resolve(false)
  const known = new Map<string, { readonly isPublic: Promise<boolean>; readonly until: number }>()
  return (guild) => {
    const now = clock.monotonicMs()
    const found = known.get(guild)
    if (found !== undefined && found.until > now) return found.isPublic
    const isPublic = askGuild(ask, guild)
    known.delete(guild)
    if (known.size >= guildsMax) known.delete(known.keys().next().value ?? '')
    known.set(guild, { isPublic, until: now + believedForMs })
    return isPublic
  }
}

async function askGuild(ask: AskActor, guild: string): Promise<boolean> {
  const outcome = await ask({
    guildId: guildId(guild),
    opId: opId(`public-boards:${randomUUID()}`),
    command: { feature: 'voice-attendance', kind: 'read-settings' },
    deadlineInMs: deadlineMs,
  })
  return outcome.status === 'answered' && outcome.reply.kind === 'voice-settings' && outcome.reply.settings.publicBoards
}
