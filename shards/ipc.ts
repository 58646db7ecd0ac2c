/**
 * The shard process' end of the channel to its manager.
 */
import type { ManagerMessage, ShardMessage } from '../cluster/protocol.ts'
import { parseManagerMessage, wrapMessage } from '../cluster/protocol.ts'
import { coerceError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'

export interface ManagerLink {
  /** Resolves when it is on its way, or when nobody is there to hear it: a process outlives its manager. */
  tell(message: ShardMessage): Promise<void>
  onMessage(listener: (message: ManagerMessage) => void): void
}

/** The part of the library's ClusterClient that the channel needs. */
interface MessageChannel {
  send(message: Record<string, unknown>): Promise<void> | undefined
  on(event: 'message', listener: (message: unknown) => void): unknown
}

export function createManagerLink(deps: { readonly log: Log; isOpen(): boolean }, cluster: MessageChannel): ManagerLink {
  return {
    async tell(message) {
      if (!deps.isOpen()) return
      try {
        await cluster.send(wrapMessage(message))
      } catch (thrown) {
        deps.log.debug('the manager could not be told', { kind: message.kind, error: coerceError(thrown) })
      }
    },
    onMessage(listener) {
      cluster.on('message', (message: unknown) => {
        const ours = parseManagerMessage(message)
        if (ours !== null) listener(ours)
      })
    },
  }
}
