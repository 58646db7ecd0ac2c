/**
 * A blocking read that can be ended early without closing its connection: CLIENT UNBLOCK, said on another one.
 *
 * The unblocking may overtake the read on its way to the server, so it is said again until the read is over. The
 * reader's client id changes with each connection and is asked anew then.
 */
import type { Redis } from 'ioredis'
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'

export interface InterruptibleReader {
  /** Runs one blocking command on the reader's connection; an abort makes it answer as if its time were over. */
  read<Answer>(command: (redis: Redis) => Promise<Answer>, signal: AbortSignal | undefined): Promise<Answer>
}

/** Between two attempts to end a read. */
const retryMs = 5

export function createInterruptibleReader(deps: {
  readonly reader: Redis
  /** Any other connection to the same server. */
  readonly commands: Redis
  readonly clock: Clock
  readonly log: Log
}): InterruptibleReader {
  const { reader, commands, clock, log } = deps
  let clientId: number | null = null
  reader.on('close', () => {
    clientId = null
  })

  return {
    async read(command, signal) {
      if (signal === undefined) return await command(reader)
      clientId ??= await reader.client('ID')
      const readerId = clientId
      let timer: Timer | null = null
      let isOver = false
      const unblock = (): void => {
        if (isOver) return
        commands.client('UNBLOCK', readerId).catch((error: Error) => {
          // The read ends by its own time or with its connection.
          log.debug('blocking read not ended early', { error })
        })
        timer = clock.after(retryMs, unblock)
      }
      if (signal.aborted) unblock()
      else signal.addEventListener('abort', unblock, { once: true })
      try {
        return await command(reader)
      } finally {
        isOver = true
        signal.removeEventListener('abort', unblock)
        ;(timer as Timer | null)?.cancel()
      }
    },
  }
}
