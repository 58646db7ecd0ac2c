/**
 * What a member reads while many changes of their server go first.
 *
 * A crowd waits for minutes, and "is thinking…" for minutes looks as if nothing happened: people click again, which undoes
 * what they wanted. So they read at once that their click is taken, and when it is due. The token of an interaction lives
 * fifteen minutes; who will be served later is told where to look instead.
 */
import { MessageFlags } from 'discord-api-types/v10'
import type { MessageAnswer } from '../commands/slash-command.ts'
import type { Texts } from '../texts/texts.ts'

/** Ten in ten seconds of one server: https://docs.discord.com/developers/topics/rate-limits. */
const changeMs = 1_000
/** As long as the next window may still be away. */
const windowMs = 10_000
/** Behind fewer it is done within about one window, and what Discord itself shows says it best. */
const aheadShown = 10
/** Fifteen minutes, less what the answer's own way may take. */
const tokenUsableMs = 14 * 60_000

/** Null: it is done so soon that nothing needs to be said. `now`: Unix ms. */
export function waitingMessage(texts: Texts, { ahead, now }: { readonly ahead: number; readonly now: number }): MessageAnswer | null {
  if (ahead < aheadShown) return null
  const waitMs = ahead * changeMs + windowMs
  const due = `<t:${Math.ceil((now + waitMs) / 1_000)}:R>`
  const content = waitMs <= tokenUsableMs ? texts.panels.behind(ahead, due) : texts.panels.behindForLong(ahead, due)
  return { content, flags: MessageFlags.Ephemeral, allowed_mentions: { parse: [] } }
}
