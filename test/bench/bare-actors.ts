/**
 * The least an actor can be: a mailbox a guild, one promise a question, answered in order at the end of the breath. No
 * owner, no lease, no gate, no op ids.
 */
import type { GuildId } from '../../kernel/ids.ts'
import type { Command } from '../../actors/protocol/command.ts'

interface BareActor {
  readonly mailbox: { readonly command: Command; readonly resolve: (count: number) => void }[]
  count: number
  isScheduled: boolean
}

export function openBareActors(guilds: readonly GuildId[]) {
  const actors = new Map<GuildId, BareActor>(guilds.map((guildId) => [guildId, { mailbox: [], count: 0, isScheduled: false }]))
  const drain = (actor: BareActor): void => {
    actor.isScheduled = false
    for (const { command, resolve } of actor.mailbox.splice(0)) {
      if ((command.kind as string) === 'add') actor.count += 1
      resolve(actor.count)
    }
  }
  return {
    ask(guildId: GuildId, command: Command): Promise<number> {
      const actor = actors.get(guildId)
      if (actor === undefined) throw new Error(`no actor ${guildId}`)
      return new Promise((resolve) => {
        actor.mailbox.push({ command, resolve })
        if (actor.isScheduled) return
        actor.isScheduled = true
        queueMicrotask(() => drain(actor))
      })
    },
  }
}
