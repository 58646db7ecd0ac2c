/**
 * The shard process' end of the channel to its manager.
 */
import type { ManagerMessage, ShardMessage } from '../cluster/protocol.ts'
import { parseManagerMessage, wrapMessage } from '../cluster/protocol.ts'

export interface ManagerLink {
  tell(message: ShardMessage): Promise<void>
  onMessage(listener: (message: ManagerMessage) => void): void
}

/** The part of the library's ClusterClient that the channel needs. */
interface MessageChannel {
  send(message: Record<string, unknown>): Promise<void> | undefined
  on(event: 'message', listener: (message: unknown) => void): unknown
}

export function createManagerLink(cluster: MessageChannel): ManagerLink {
  return {
    async tell(message) {
      await cluster.send(wrapMessage(message))
    },
    onMessage(listener) {
      cluster.on('message', (message: unknown) => {
        const ours = parseManagerMessage(message)
        if (ours !== null) listener(ours)
      })
    },
  }
}
