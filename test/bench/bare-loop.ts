/**
 * The asking side of the bare loop: XADD under a number, and wait until that number is published.
 */
import { Redis } from 'ioredis'
import type { GuildId } from '../../kernel/ids.ts'

export const bareStream = (prefix: string): string => `${prefix}bare-stream`
export const bareReplyChannel = (prefix: string): string => `${prefix}bare-replies`

export interface BareAsker {
  ask(guildId: GuildId, payload: string): Promise<void>
  stop(): void
}

export async function openBareAsker(environment: Readonly<Record<string, string>>): Promise<BareAsker> {
  const { REDIS_URL: url = '', REDIS_PREFIX: prefix = '' } = environment
  const [commands, subscriber] = [new Redis(url), new Redis(url)]
  const open = new Map<string, () => void>()
  let asked = 0
  await subscriber.subscribe(bareReplyChannel(prefix))
  subscriber.on('message', (_channel: string, id: string) => {
    open.get(id)?.()
    open.delete(id)
  })
  return {
    async ask(guildId, payload) {
      asked += 1
      const id = String(asked)
      const answered = new Promise<void>((resolve) => open.set(id, resolve))
      await commands.xadd(bareStream(prefix), '*', 'guild', guildId, 'op', id, 'command', payload)
      await answered
    },
    stop() {
      commands.disconnect()
      subscriber.disconnect()
    },
  }
}
