/**
 * The world on disk: one JSON file, replaced whole, so that a restart finds the same guilds under the same ids.
 *
 * Saved a moment after a change and on stop. The file is written beside and renamed over: a reader, or a kill in the
 * middle, finds the old world or the new one. Ephemeral messages are left out, since the tokens that could edit them
 * end with the process; so are the bytes of attachments. What cannot be written is logged and tried at the next change.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { AppError, codeOf, coerceError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { StoredMessage, WorldState } from './state.ts'

export interface WorldSaver {
  /** Says that something changed. */
  changed(): void
  /** Writes what is not yet written; resolves when it is on disk. */
  stop(): Promise<void>
}

/** Changes come in bursts; one write for a burst. */
const settleMs = 300
const formatVersion = 1

export async function loadWorldState(file: string): Promise<WorldState | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw new AppError('configuration-invalid', `cannot read the sandbox world from ${file}`, { cause: error })
  }
  try {
    const saved = JSON.parse(text, revive) as { version: number; state: WorldState }
    if (saved.version === formatVersion) return saved.state
  } catch (error) {
    throw unreadable(file, coerceError(error))
  }
  throw unreadable(file, undefined)
}

export function createWorldSaver(
  deps: { state: WorldState; clock: Clock; log: Log },
  options: { file: string },
): WorldSaver {
  const { state, clock, log } = deps
  let timer: Timer | null = null
  let writing: Promise<void> = Promise.resolve()

  const write = async (): Promise<void> => {
    try {
      await mkdir(dirname(options.file), { recursive: true })
      const beside = `${options.file}.next`
      await writeFile(beside, JSON.stringify({ version: formatVersion, state: withoutEphemeral(state) }, replace))
      await rename(beside, options.file)
    } catch (error) {
      log.error('sandbox world not saved', { file: options.file, error: coerceError(error) })
    }
  }
  const enqueue = (): void => {
    timer = null
    writing = writing.then(write)
  }
  return {
    changed() {
      timer ??= clock.after(settleMs, enqueue)
    },
    async stop() {
      timer?.cancel()
      enqueue()
      await writing
    },
  }
}

function unreadable(file: string, cause: Error | undefined): AppError {
  const message = `${file} is not a sandbox world of version ${formatVersion}: remove it to begin with an empty one`
  return new AppError('configuration-invalid', message, { cause })
}

function withoutEphemeral(state: WorldState): WorldState {
  const kept = [...state.messages].map(([channelId, messages]): [string, Map<string, StoredMessage>] => [
    channelId,
    new Map([...messages].filter(([, stored]) => stored.visibleTo === null)),
  ])
  return { ...state, messages: new Map(kept) }
}

function replace(_key: string, value: unknown): unknown {
  if (value instanceof Map) return { $map: [...value] }
  if (value instanceof Set) return { $set: [...value] }
  return value
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('$map' in value) return new Map(value.$map as [unknown, unknown][])
  if ('$set' in value) return new Set(value.$set as unknown[])
  return value
}
