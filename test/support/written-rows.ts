/**
 * What the house has written, looked at from outside with plain SQL, and the event to wait for: a row was written.
 *
 * A trigger on journal and receipt sends a notification with each commit; whoever waits for something looks again then.
 * So a test learns of a record at the moment it is durable, without asking over and over. The trigger is made when somebody
 * first waits: Postgres lets commits that notify through one at a time, disk included, which a run under load would measure.
 */
import pg from 'pg'
import { mustEnd } from './leaks.ts'

/** A session's receipt, as its signed bytes say. */
export interface WrittenReceipt {
  readonly recordId: string
  readonly guildId: string
  readonly sequence: number
  readonly userId: string
  readonly channelId: string
  readonly joinedAt: number
  readonly leftAt: number
  readonly durationSeconds: number
  readonly pausedSeconds: number
  readonly unobservedSeconds: number
  readonly recovered: boolean
}

export interface WrittenEvent {
  readonly guildId: string
  readonly seq: number
  readonly fence: number
  readonly at: number
  readonly kind: string
  readonly event: Readonly<Record<string, unknown>>
}

export interface WrittenRows {
  /** Resolves when `look` gives something: asked now and after every commit. */
  until<Value>(look: () => Promise<Value | undefined>): Promise<Value>
  receipts(): Promise<readonly WrittenReceipt[]>
  /** The whole journal, by guild and sequence. */
  events(): Promise<readonly WrittenEvent[]>
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>
  close(): Promise<void>
}

const triggers = `
  CREATE OR REPLACE FUNCTION tell_written() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_notify('written', TG_TABLE_NAME); RETURN NULL; END $$;
  CREATE OR REPLACE TRIGGER tell_journal AFTER INSERT ON journal FOR EACH STATEMENT EXECUTE FUNCTION tell_written();
  CREATE OR REPLACE TRIGGER tell_receipt AFTER INSERT ON receipt FOR EACH STATEMENT EXECUTE FUNCTION tell_written();
`

export async function watchWrittenRows(databaseUrl: string): Promise<WrittenRows> {
  const client = new pg.Client({ connectionString: databaseUrl })
  let isOpen = true
  mustEnd('written rows', () => isOpen)
  // The database may be dropped under it: the next question tells.
  client.on('error', () => undefined)
  await client.connect()
  let notified: Promise<unknown> | undefined
  const waiting = new Set<() => void>()
  client.on('notification', () => {
    for (const look of waiting) look()
  })
  return {
    async until(look) {
      notified ??= client.query(triggers).then(() => client.query('LISTEN written'))
      await notified
      return await untilNotified(waiting, look)
    },
    receipts: async () => (await client.query<ReceiptRow>(receiptsQuery)).rows.map(readReceipt),
    events: async () => (await client.query<JournalRow>(journalQuery)).rows.map(readEvent),
    query: async (text, values = []) => (await client.query(text, [...values])).rows as never,
    async close() {
      isOpen = false
      await client.end()
    },
  }
}

/** One look at a time; what is notified during a look makes one more. */
function untilNotified<Value>(waiting: Set<() => void>, look: () => Promise<Value | undefined>): Promise<Value> {
  return new Promise((resolve, reject) => {
    let isLooking = false
    let again = false
    const onNotified = (): void => {
      again = true
      if (isLooking) return
      isLooking = true
      void lookAgain().catch((thrown: unknown) => {
        waiting.delete(onNotified)
        reject(thrown as Error)
      })
    }
    const lookAgain = async (): Promise<void> => {
      while (again) {
        again = false
        const found = await look()
        if (found === undefined) continue
        waiting.delete(onNotified)
        resolve(found)
        return
      }
      isLooking = false
    }
    waiting.add(onNotified)
    onNotified()
  })
}

interface JournalRow {
  guild_id: string
  seq: string
  fence: string
  payload: string
}

interface ReceiptRow {
  signed: Buffer
}

const journalQuery = 'SELECT guild_id, seq, fence, payload FROM journal ORDER BY guild_id, seq'
const receiptsQuery = "SELECT signed FROM receipt WHERE type = 'voice-session' ORDER BY guild_id, sequence"

function readEvent(row: JournalRow): WrittenEvent {
  const payload = JSON.parse(row.payload) as { at: number; event: Record<string, unknown> & { kind: string } }
  return {
    guildId: row.guild_id,
    seq: Number(row.seq),
    fence: Number(row.fence),
    at: payload.at,
    kind: payload.event.kind,
    event: payload.event,
  }
}

function readReceipt(row: ReceiptRow): WrittenReceipt {
  return readSigned(row.signed.toString('utf8'))
}

/** A receipt file as the API and the last-run folder give it. */
export function readReceiptFile(file: { readonly signed: string }): WrittenReceipt {
  return readSigned(Buffer.from(file.signed, 'base64').toString('utf8'))
}

function readSigned(text: string): WrittenReceipt {
  const { guild_id: guildId, sequence, payload } = JSON.parse(text) as SignedReceipt
  return {
    recordId: String(payload['session_id']),
    guildId,
    sequence,
    userId: String(payload['user_id']),
    channelId: String(payload['channel_id']),
    joinedAt: Date.parse(String(payload['joined_at'])),
    leftAt: Date.parse(String(payload['left_at'])),
    durationSeconds: Number(payload['duration_seconds']),
    pausedSeconds: Object.values(payload['paused_seconds'] as Record<string, number>).reduce((sum, seconds) => sum + seconds, 0),
    unobservedSeconds: Number(payload['unobserved_seconds']),
    recovered: payload['recovered'] === true,
  }
}

interface SignedReceipt {
  readonly guild_id: string
  readonly sequence: number
  readonly payload: Readonly<Record<string, unknown>>
}
