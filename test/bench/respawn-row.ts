/**
 * Row: a shard process of a whole house is killed; how long until a person there is answered again, in parts.
 *
 * The real manager with two shard processes on the sandbox. Parts by the sandbox's own log: exit → the respawned process
 * is connected (the manager's pause, Node's start, stores) → identified (HELLO, IDENTIFY, READY, guilds) → the first
 * answer. Interactions come every few milliseconds; those that find no session are nobody's, as on Discord.
 */
import type { GatewayEntry } from '../../sandbox/request-log.ts'
import type { Reply } from '../../sandbox/people/handle.ts'
import type { MemberDriver } from '../../sandbox/people/member.ts'
import { guildIn } from '../support/commit-batches.ts'
import type { Fleet } from '../support/fleet-processes.ts'
import { startFleet } from '../support/fleet-processes.ts'
import type { BenchRow } from './bench-row.ts'
import { latencyOf, quantile } from './quantile.ts'
import { refuseWeakDurability } from './durability.ts'

const askIntervalMs = 10

interface Parts {
  readonly spawnMs: number
  readonly identifyMs: number
  readonly answerMs: number
}

/** Wall time of the sandbox's own log, which is this process'. */
function nextGatewayEvent(fleet: Fleet, event: GatewayEntry['event'], shard: number | null): Promise<number> {
  return new Promise((resolve) => {
    const forget = fleet.sandbox.requestLog.onEntry((entry) => {
      if (entry.kind !== 'gateway' || entry.event !== event || (shard !== null && entry.shard !== shard)) return
      forget()
      resolve(entry.atMs)
    })
  })
}

async function untilAnswered(member: MemberDriver): Promise<number> {
  return await new Promise((resolve) => {
    const timer = setInterval(() => {
      const onReply = ({ kind }: Reply): void => {
        if (kind !== 'message') return
        clearInterval(timer)
        resolve(Date.now())
      }
      // One that nobody ever heard ends when the sandbox does; it was asked again long since.
      member.slash('leaderboard').reply().then(onReply, () => undefined)
    }, askIntervalMs)
  })
}

async function killOne(fleet: Fleet, member: MemberDriver, shard: number): Promise<Parts> {
  await fleet.whenReady()
  const pid = fleet.shardPids().get(shard)
  if (pid === undefined) throw new Error(`no process for shard ${shard}`)
  process.kill(pid, 'SIGKILL')
  await fleet.whenExited(pid)
  const exitedAt = Date.now()
  const connected = nextGatewayEvent(fleet, 'connected', null)
  const identified = nextGatewayEvent(fleet, 'identified', shard)
  const answeredAt = await untilAnswered(member)
  const [connectedAt, identifiedAt] = [await connected, await identified]
  return { spawnMs: connectedAt - exitedAt, identifyMs: identifiedAt - connectedAt, answerMs: answeredAt - identifiedAt }
}

export const respawnRow: BenchRow = {
  name: 'respawn',
  what: 'a shard process is killed: exit to the first interaction answered, with the manager on the sandbox',
  async run({ quick }) {
    const fleet = await startFleet({
      sandbox: { gatewayLimits: { maxConcurrency: 2, identifyIntervalMs: 1 } },
      shardCount: 2,
      processCount: 2,
      environment: { MUSTER_RESPAWN_DELAY_MS_MAX: '0', LOG_LEVEL: 'error' },
    })
    await refuseWeakDurability(fleet.databaseUrl)
    const members = [0, 1].map((shard) => fleet.sandbox.people.createGuild({ id: guildIn(shard), name: `Guild ${shard}` }).owner())
    fleet.startManager()
    await fleet.whenReady()
    const all: Parts[] = []
    for (let turn = 0; turn < (quick ? 2 : 20); turn += 1) {
      const member = members[turn % 2]
      if (member !== undefined) all.push(await killOne(fleet, member, turn % 2))
    }
    await fleet.stop()
    const totals = all.map(({ spawnMs, identifyMs, answerMs }) => spawnMs + identifyMs + answerMs)
    const toLine = (name: string, values: readonly number[]) => ({ name, value: quantile(values, 1), unit: 'ms at most', latency: latencyOf(values) })
    const answers = all.map(({ answerMs }) => answerMs)
    return {
      lines: [
        toLine(`exit → first interaction answered, ${all.length} kills`, totals),
        toLine('of it exit → gateway connected (spawn)', all.map(({ spawnMs }) => spawnMs)),
        toLine('of it connected → identified (IDENTIFY)', all.map(({ identifyMs }) => identifyMs)),
        toLine('of it identified → answered', answers),
      ],
      targets: [
        { name: 'beyond spawn and IDENTIFY, p99', figure: quantile(answers, 0.99), unit: 'ms', atMost: 300, baseline: { name: 'spawn + IDENTIFY, p50', figure: quantile(all.map(({ spawnMs, identifyMs }) => spawnMs + identifyMs), 0.5) } },
      ],
    }
  },
}
