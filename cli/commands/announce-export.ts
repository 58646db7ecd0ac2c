/**
 * Has a server's log channels told of an export, with the head of the chain: Discord's own message time is then an outside
 * witness of how far the chain had come.
 *
 * An export is whole without it: who exports from a copy of the database, with no house running, is told that nobody was told.
 */
import { randomBytes } from 'node:crypto'
import type { ActorClient } from '../../actors/client/actor-client.ts'
import { coerceError } from '../../kernel/errors.ts'
import { guildId, opId } from '../../kernel/ids.ts'
import { uuidV7 } from '../../kernel/uuid.ts'

const deadlineMs = 5_000

export interface ExportedRange {
  readonly guildId: string
  readonly from: number
  readonly to: number
}

export type Announced =
  /** How many log channels are told; 0: the server has none that is told of closed periods. */
  | { readonly kind: 'announced'; readonly channels: number }
  | { readonly kind: 'not-announced'; readonly reason: string }

export async function announceExport(
  withClient: <Result>(work: (client: Pick<ActorClient, 'ask'>) => Promise<Result>) => Promise<Result>,
  range: ExportedRange,
): Promise<Announced> {
  try {
    return await withClient((client) => ask(client, range))
  } catch (thrown) {
    return { kind: 'not-announced', reason: coerceError(thrown).message }
  }
}

async function ask(client: Pick<ActorClient, 'ask'>, { guildId: guild, from, to }: ExportedRange): Promise<Announced> {
  const outcome = await client.ask({
    guildId: guildId(guild),
    opId: opId(uuidV7(Date.now(), randomBytes(16))),
    command: { feature: 'voice-attendance', kind: 'announce-export', from, to },
    deadlineInMs: deadlineMs,
  })
  if (outcome.status === 'refused') return { kind: 'not-announced', reason: `nobody answered for this server (${outcome.reason}). Is the manager running (\`muster up\`)?` }
  const { reply } = outcome
  return reply.kind === 'export-announced' ? { kind: 'announced', channels: reply.channels } : { kind: 'not-announced', reason: 'the owner did not understand it: its version is another one' }
}

export function describeAnnounced(announced: Announced): string {
  if (announced.kind === 'not-announced') return `The export is whole. The head of the chain was not posted: ${announced.reason}`
  if (announced.channels === 0) return 'The head of the chain was not posted: this server has no log channel for closed periods (`/admin log-channel action:add`).'
  return `The head of the chain is posted in ${announced.channels} log ${announced.channels === 1 ? 'channel' : 'channels'}.`
}
