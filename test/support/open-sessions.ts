/**
 * Which sessions are open, as the journal says: opened and not closed. Reads only what was written since the last look.
 */
import type { WrittenRows } from './written-rows.ts'

export class OpenSessions {
  readonly #rows: Pick<WrittenRows, 'query'>
  readonly #readTo = new Map<string, string>()
  readonly #open = new Map<string, string>()

  constructor(rows: Pick<WrittenRows, 'query'>) {
    this.#rows = rows
  }

  /** Each as `guild user channel`. */
  async read(): Promise<ReadonlySet<string>> {
    const rows = await this.#rows.query<{ guild_id: string; seq: string; payload: string }>(
      `SELECT j.guild_id, j.seq, j.payload FROM journal j
         LEFT JOIN unnest($1::bigint[], $2::bigint[]) known(guild_id, seq) ON known.guild_id = j.guild_id
       WHERE j.seq > coalesce(known.seq, 0) ORDER BY j.guild_id, j.seq`,
      [[...this.#readTo.keys()], [...this.#readTo.values()]],
    )
    for (const row of rows) {
      this.#readTo.set(row.guild_id, row.seq)
      const { event } = JSON.parse(row.payload) as { event: SessionEvent }
      if (event.kind === 'voice-session-opened') {
        this.#open.set(event.sessionId, `${row.guild_id} ${event.voice.userId} ${event.voice.channelId}`)
      }
      if (event.kind === 'voice-session-closed') this.#open.delete(event.sessionId)
    }
    return new Set(this.#open.values())
  }
}

type SessionEvent =
  | { readonly kind: 'voice-session-opened'; readonly sessionId: string; readonly voice: { userId: string; channelId: string } }
  | { readonly kind: 'voice-session-closed'; readonly sessionId: string }
