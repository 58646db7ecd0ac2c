/**
 * Row: from the gateway frame of an interaction to the response that carries its result, beside a bare handler.
 *
 * One sandbox in this process, two bots: shard 0 is ours, shard 1 belongs to a plain discord.js handler. Interactions of
 * a guild of each take turns; the time is that from the frame's sending to the callback's arrival, both seen here.
 */
import pg from 'pg'
import { createSystemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log.ts'
import type { MemberDriver } from '../../sandbox/people/member.ts'
import type { Sandbox } from '../../sandbox/server.ts'
import { createSandbox } from '../../sandbox/server.ts'
import { guildIn } from '../support/commit-batches.ts'
import { startBenchProcess } from './bench-process.ts'
import { openBenchHouse } from './bench-house.ts'
import type { BenchRow, Line, Target } from './bench-row.ts'
import { latencyOf, median } from './quantile.ts'

type Interaction = 'read' | 'write'

/** Slots 6 and 7: of two shards, 0 and 1. */
const guildOf = { ours: guildIn(6), bare: guildIn(7) }

async function timeOne(member: MemberDriver, kind: Interaction, turn: number): Promise<number> {
  const startedAt = performance.now()
  const handle =
    kind === 'read' ? member.slash('leaderboard') : member.slash('admin tracking-mode', { mode: turn % 2 === 0 ? 'all' : 'off' })
  // A deferral would not settle this: it resolves with what the member reads.
  const reply = await handle.reply()
  const tookMs = performance.now() - startedAt
  if (reply.kind !== 'message') throw new Error(`an interaction was not answered: ${reply.kind}`)
  return tookMs
}

function createOwner(sandbox: Sandbox, id: string): MemberDriver {
  return sandbox.people.createGuild({ id, name: 'Bench', voiceChannels: ['Watch'] }).owner()
}

export const gatewayRow: BenchRow = {
  name: 'gateway',
  what: 'gateway frame to the response that carries the result, ours and a bare discord.js handler on one sandbox',
  async run({ quick }) {
    const house = await openBenchHouse()
    const sandbox = await createSandbox({ clock: createSystemClock(), log: silentLog }, { gatewayLimits: { maxConcurrency: 2 } })
    await sandbox.start()
    const members = { ours: createOwner(sandbox, guildOf.ours), bare: createOwner(sandbox, guildOf.bare) }
    const environment = { ...house.environment, DISCORD_TOKEN: sandbox.token, DISCORD_API: sandbox.apiUrl() }
    const bots = [startBenchProcess('bot-process.ts', environment), startBenchProcess('bare-bot-process.ts', environment)]
    await Promise.all(bots.map((bot) => bot.next('started')))
    const count = quick ? 100 : 1_000
    const client = new pg.Client({ connectionString: house.databaseUrl })
    await client.connect()
    const inserts: number[] = []
    const timesOf = { read: { ours: [] as number[], bare: [] as number[] }, write: { ours: [] as number[], bare: [] as number[] } }
    for (let turn = -50; turn < count; turn += 1) {
      for (const kind of ['read', 'write'] as const) {
        for (const who of ['ours', 'bare'] as const) {
          const tookMs = await timeOne(members[who], kind, turn)
          if (turn >= 0) timesOf[kind][who].push(tookMs)
        }
      }
      if (turn >= 0) inserts.push(await timeInsert(client, turn))
    }
    await client.end()
    await Promise.all(bots.map((bot) => bot.stop()))
    await sandbox.stop()
    await house.close()
    const kinds = ['read', 'write'] as const
    return {
      lines: [
        ...kinds.flatMap((kind) => (['ours', 'bare'] as const).map((who) => toLine(`${kind}, ${who}`, timesOf[kind][who]))),
        toLine('one row inserted durably and alone, in between', inserts),
      ],
      targets: kinds.flatMap((kind) => added(kind, timesOf[kind])),
    }
  },
}

const toLine = (name: string, values: readonly number[]): Line => ({ name, value: median(values), unit: 'ms', latency: latencyOf(values) })

/** What the disk takes for anything durable at that moment: part of every durable answer, and of no bare one. */
async function timeInsert(client: pg.Client, turn: number): Promise<number> {
  const startedAt = performance.now()
  await client.query({
    name: 'alone',
    text: 'INSERT INTO journal (guild_id, seq, fence, payload, hash) VALUES (1, $1, 1, $2, $3)',
    values: [turn + 1, 'x'.repeat(200), Buffer.alloc(32)],
  })
  return performance.now() - startedAt
}

function added(kind: Interaction, times: { readonly ours: readonly number[]; readonly bare: readonly number[] }): Target[] {
  const [ours, bare] = [latencyOf(times.ours), latencyOf(times.bare)]
  const name = kind === 'read' ? '/leaderboard, from memory' : '/admin tracking-mode, durable'
  return [
    { name: `added to p50, ${name}`, figure: ours.p50Ms - bare.p50Ms, unit: 'ms', atMost: 2, baseline: { name: 'bare p50', figure: bare.p50Ms } },
    { name: `added to p99, ${name}`, figure: ours.p99Ms - bare.p99Ms, unit: 'ms', atMost: 10, baseline: { name: 'bare p99', figure: bare.p99Ms } },
  ]
}
