/**
 * `muster outbox`: effects that Muster gave up on. See them, drive them again, or dismiss them.
 */
import { AppError } from '../../kernel/errors.ts'
import { isSnowflake } from '../../kernel/ids.ts'
import { silentLog } from '../../kernel/log.ts'
import type { OutboxLetterName, OutboxRepository } from '../../prisma/outbox-repository.ts'
import { createOutboxRepository } from '../../prisma/outbox-repository.ts'
import { createPostgresPool } from '../../prisma/postgres-pool.ts'

const listMax = 200

export interface OutboxOutput {
  readonly json: boolean
  print(line: string): void
}

/** A letter by its name, `guild/seq/ordinal`, as `list` prints it. Throws `configuration-invalid`. */
export function parseLetterName(text: string): OutboxLetterName {
  const [, guildId = '', seq = '', ordinal = ''] = /^(\d{1,20})\/(\d{1,15})\/(\d{1,5})$/.exec(text) ?? []
  if (!isSnowflake(guildId)) {
    throw new AppError('configuration-invalid', `"${text}" is not the name of a letter. \`muster outbox list\` prints them.`)
  }
  return { guildId, seq: Number(seq), ordinal: Number(ordinal) }
}

/** Runs with a connection of its own. Resolves with the exit status. */
export async function withOutbox(databaseUrl: string, work: (outbox: OutboxRepository) => Promise<number>): Promise<number> {
  const pool = createPostgresPool(
    { log: silentLog },
    {
      connectionString: databaseUrl,
      connectionsMax: 1,
      statementTimeoutMs: 30_000,
      connectTimeoutMs: 5_000,
      applicationName: 'muster-cli',
    },
  )
  try {
    return await work(createOutboxRepository(pool))
  } finally {
    await pool.end()
  }
}

export async function listDeadLetters(outbox: OutboxRepository, output: OutboxOutput, guildId: string | null): Promise<number> {
  const letters = await outbox.listDeadLetters({ guildId, limit: listMax })
  if (output.json) {
    output.print(JSON.stringify(letters))
    return 0
  }
  if (letters.length === 0) output.print('No dead letters.')
  for (const letter of letters) {
    const name = `${letter.guildId}/${letter.seq}/${letter.ordinal}`
    output.print(`${name}  ${letter.kind} ${letter.target}, ${letter.attempts} attempts: ${letter.lastError ?? 'no reason given'}`)
  }
  return 0
}

export async function settleLetter(
  outbox: OutboxRepository,
  output: OutboxOutput,
  { action, name }: { readonly action: 'redrive' | 'dismiss'; readonly name: OutboxLetterName },
): Promise<number> {
  const found = await outbox[action](name)
  const done = action === 'redrive' ? 'It runs again within 15 seconds.' : 'It is done with.'
  if (output.json) output.print(JSON.stringify({ found }))
  else output.print(found ? done : 'There is no such dead letter: it may have been settled already.')
  return found ? 0 : 1
}
