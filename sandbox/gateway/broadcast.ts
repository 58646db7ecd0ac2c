/**
 * From the world to sessions: each dispatch to every session of its shard that may see it.
 *
 * Order is kept: what the world says first is numbered first, except a dispatch that a fault delays, which is
 * numbered when it leaves. Guilds the bot is not in are silent, and so are guilds in an outage.
 */
import { GatewayDispatchEvents } from 'discord-api-types/v10'
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { GatewayFaults } from '../faults/gateway-faults.ts'
import type { RequestLog } from '../request-log.ts'
import type { Dispatch, DispatchBody } from '../world/dispatch.ts'
import type { World } from '../world/world.ts'
import type { Session } from './session.ts'
import { deliver } from './session.ts'
import { isOnShard } from './shard-route.ts'
import { toVisibleData } from './visibility.ts'

export interface Broadcast {
  /** To this session whatever its intents, and never subject to faults: READY, RESUMED, chunks. */
  tell(session: Session, body: DispatchBody): void
  /** To this session if its intents include it, subject to faults. */
  offer(session: Session, dispatch: Dispatch): void
  stop(): void
}

export function createBroadcast(
  deps: {
    world: World
    clock: Clock
    faults: GatewayFaults
    requestLog: RequestLog
    sessions: () => Iterable<Session>
  },
  options: { replayFramesMax: number },
): Broadcast {
  const { world, clock, faults, requestLog } = deps
  const delayed = new Set<Timer>()

  const tell = (session: Session, body: DispatchBody, guildId: string | null = null): void => {
    deliver(session, body, options.replayFramesMax)
    const [shard] = session.shard
    requestLog.add({ kind: 'dispatch', session: session.id, shard, t: body.t, s: session.sequence, guildId })
  }
  const tellLater = (session: Session, body: DispatchBody, later: { delayMs: number; guildId: string | null }): void => {
    // The body shares objects with the world, which goes on changing meanwhile.
    const frozen = structuredClone(body)
    const timer = clock.after(later.delayMs, () => {
      delayed.delete(timer)
      tell(session, frozen, later.guildId)
    })
    delayed.add(timer)
  }
  const offer = (session: Session, dispatch: Dispatch): void => {
    const viewer = { intents: session.intents, botId: world.state.botId, membersOf: world.members.list }
    const d = toVisibleData(dispatch, viewer)
    if (d === undefined) return
    const body = { t: dispatch.t, d } as DispatchBody
    const { t, guildId } = dispatch
    const { copies, delayMs } = faults.beforeDispatch({ t, guildId, shard: session.shard[0] })
    for (let copy = 0; copy < copies; copy += 1) {
      if (delayMs > 0) tellLater(session, body, { delayMs, guildId: guildId ?? null })
      else tell(session, body, guildId ?? null)
    }
  }
  const stopListening = world.onDispatch((dispatch) => {
    const { guildId } = dispatch
    const guild = guildId === undefined ? undefined : world.guilds.get(guildId)
    if (guildId !== undefined && guild?.botPresent !== true) return
    // Of a guild in an outage nothing is heard but that it is in one.
    if (guild?.available === false && dispatch.t !== GatewayDispatchEvents.GuildDelete) return
    for (const session of deps.sessions()) if (isOnShard(guildId, session.shard)) offer(session, dispatch)
  })
  return {
    tell: (session, body) => tell(session, body),
    offer,
    stop() {
      stopListening()
      for (const timer of delayed) timer.cancel()
      delayed.clear()
    },
  }
}
