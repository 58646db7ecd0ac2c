/**
 * Compares what happened (the sandbox's own voice log) with what was recorded (the receipts). Pure.
 *
 * Every stretch of a member in one channel is one session. A receipt belongs to the stretch of the same guild, member and
 * channel that it overlaps; a stretch without a receipt is lost, a receipt without a stretch of its own is doubled.
 */

/** One line of the voice log; see the sandbox's README for all its fields. */
export interface VoiceLine {
  readonly at: number
  readonly kind: string
  readonly guild?: string
  readonly user?: string
  readonly channel?: string | null
  readonly from?: string | null
}

export interface Stretch {
  readonly guildId: string
  readonly userId: string
  readonly channelId: string
  /** Unix milliseconds, the sandbox's clock. */
  readonly joinedAt: number
  readonly leftAt: number
}

/** What a receipt says of its session, read from its signed bytes. */
export interface RecordedSession extends Stretch {
  readonly recordId: string
}

/** The sandbox and the database may tell the time a little apart. */
const clockSlackMs = 2_000

/** Finished stretches in voice, from a log in order. One that is still open is not a session yet. */
export function stretchesOf(lines: readonly VoiceLine[]): readonly Stretch[] {
  const open = new Map<string, { channelId: string; joinedAt: number }>()
  const stretches: Stretch[] = []
  for (const line of lines) {
    if (line.guild === undefined || line.user === undefined || line.channel === undefined) continue
    const key = `${line.guild} ${line.user}`
    const before = open.get(key)
    if (before !== undefined && before.channelId !== line.channel) {
      const { channelId, joinedAt } = before
      stretches.push({ guildId: line.guild, userId: line.user, channelId, joinedAt, leftAt: line.at })
      open.delete(key)
    }
    if (line.channel !== null && !open.has(key)) open.set(key, { channelId: line.channel, joinedAt: line.at })
  }
  return stretches
}

export interface RunVerdict {
  readonly lost: readonly Stretch[]
  readonly doubled: readonly RecordedSession[]
}

export function compareRun(stretches: readonly Stretch[], recorded: readonly RecordedSession[]): RunVerdict {
  // In order of their joins: who leaves and returns within the slack must not get the record of the next stretch.
  const left = new Set([...recorded].sort((a, b) => a.joinedAt - b.joinedAt))
  const lost: Stretch[] = []
  for (const stretch of stretches) {
    const own = [...left].find((session) => belongsTo(session, stretch))
    if (own === undefined) lost.push(stretch)
    else left.delete(own)
  }
  return { lost, doubled: [...left] }
}

function belongsTo(session: RecordedSession, stretch: Stretch): boolean {
  return (
    session.guildId === stretch.guildId &&
    session.userId === stretch.userId &&
    session.channelId === stretch.channelId &&
    session.joinedAt >= stretch.joinedAt - clockSlackMs &&
    session.joinedAt <= stretch.leftAt + clockSlackMs &&
    session.leftAt >= stretch.joinedAt - clockSlackMs
  )
}
