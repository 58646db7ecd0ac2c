/**
 * Row: from the gateway frame of a click on a role button to the response that says the role was given or taken, beside a
 * bare handler that changes the role and replies.
 *
 * One sandbox in this process, two bots: shard 0 is ours, shard 1 a plain discord.js handler. Role requests are answered at
 * once: the sandbox's buckets are widened, and clicks are further apart than the share of requests that each process keeps
 * to. Both answers wait for Discord's word on the role; a deferral would not settle a click.
 *
 * Ours makes the wish durable before Discord is asked. What that costs at the least is measured in the same turns: one row
 * by a plain INSERT, whose figure is mostly the disk's.
 */
import type { APIMessage } from 'discord-api-types/v10'
import pg from 'pg'
import { createSystemClock, waitFor } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log.ts'
import type { MemberDriver } from '../../sandbox/people/member.ts'
import type { Sandbox } from '../../sandbox/server.ts'
import { createSandbox } from '../../sandbox/server.ts'
import { guildIn } from '../support/commit-batches.ts'
import { PanelScreen, partsOf } from '../support/panel-screen.ts'
import { startBenchProcess } from './bench-process.ts'
import { openBenchHouse } from './bench-house.ts'
import type { BenchRow, Line } from './bench-row.ts'
import { latencyOf, median } from './quantile.ts'

/** Slots 6 and 7: of two shards, 0 and 1. */
const guildOf = { ours: guildIn(6), bare: guildIn(7) }
/** Two processes share 48 requests a second; what a click leaves behind is done long before the other bot's. */
const betweenClicksMs = 30
/** Clicks until the optimising compiler of either bot is through. */
const warmUpClicks = 400

interface Button {
  readonly member: MemberDriver
  readonly message: APIMessage
  readonly customId: string
}

export const buttonRow: BenchRow = {
  name: 'button',
  what: 'gateway frame of a click to the response that says the role changed, ours and a bare discord.js handler on one sandbox',
  async run({ quick }) {
    const clock = createSystemClock()
    const house = await openBenchHouse()
    const sandbox = await createSandbox({ clock, log: silentLog }, { gatewayLimits: { maxConcurrency: 2 }, restLimits: { bucketFactor: 10_000, globalPerSecond: 1_000 } })
    await sandbox.start()
    const guilds = { ours: sandbox.people.createGuild({ id: guildOf.ours, name: 'Bench' }), bare: sandbox.people.createGuild({ id: guildOf.bare, name: 'Bench' }) }
    const roles = { ours: guilds.ours.createRole({ name: 'Team' }).id, bare: guilds.bare.createRole({ name: 'Team' }).id }
    const environment = { ...house.environment, DISCORD_TOKEN: sandbox.token, DISCORD_API: sandbox.apiUrl(), BARE_ROLE: roles.bare, BARE_CHANNEL: guilds.bare.channel('general').id }
    const bots = [startBenchProcess('bot-process.ts', environment), startBenchProcess('bare-bot-process.ts', environment)]
    await Promise.all(bots.map((bot) => bot.next('started')))
    await makePanel(guilds.ours.owner(), { roleId: roles.ours, channel: guilds.ours.channel('general').id })
    const buttons = { ours: await findButton(sandbox, guildOf.ours), bare: await findButton(sandbox, guildOf.bare) }
    const disk = await openDisk(house.databaseUrl)
    const times = { ours: [] as number[], bare: [] as number[], row: [] as number[] }
    const count = quick ? 30 : 500
    for (let turn = quick ? -20 : -warmUpClicks; turn < count; turn += 1) {
      for (const who of ['ours', 'bare'] as const) {
        const tookMs = await timeClick(buttons[who])
        if (turn >= 0) times[who].push(tookMs)
        await waitFor(clock, betweenClicksMs)
      }
      const rowMs = await disk.timeRow()
      if (turn >= 0) times.row.push(rowMs)
    }
    await disk.close()
    await Promise.all(bots.map((bot) => bot.stop()))
    await sandbox.stop()
    await house.close()
    const [ours, bare] = [latencyOf(times.ours), latencyOf(times.bare)]
    return {
      lines: [toLine('click, ours', times.ours), toLine('click, bare', times.bare), toLine('one durable row, plain INSERT', times.row)],
      targets: [
        { name: 'added to p50, a click on a role button', figure: ours.p50Ms - bare.p50Ms, unit: 'ms', atMost: 2, baseline: { name: 'bare p50', figure: bare.p50Ms } },
        { name: 'added to p99, a click on a role button', figure: ours.p99Ms - bare.p99Ms, unit: 'ms', atMost: 10, baseline: { name: 'bare p99', figure: bare.p99Ms } },
      ],
    }
  },
}

const toLine = (name: string, values: readonly number[]): Line => ({ name, value: median(values), unit: 'ms', latency: latencyOf(values) })

/** One row at a time on a connection of its own, as durable as the server's defaults are. */
async function openDisk(url: string) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('CREATE TABLE bench_row (body text NOT NULL)')
  return {
    async timeRow(): Promise<number> {
      const startedAt = performance.now()
      await client.query({ name: 'bench-row', text: 'INSERT INTO bench_row VALUES ($1)', values: ['x'.repeat(500)] })
      return performance.now() - startedAt
    },
    close: () => client.end(),
  }
}

async function makePanel(owner: MemberDriver, { roleId, channel }: { readonly roleId: string; readonly channel: string }): Promise<void> {
  const screen = await PanelScreen.create(owner, { name: 'Bench' })
  await (await screen.press('add')).choose('add-pick', [roleId])
  await (await screen.press('post')).choose('post-pick', [channel])
}

/** The button that a bot has posted for everybody. */
async function findButton(sandbox: Sandbox, guildId: string): Promise<Button> {
  const member = sandbox.people.guild(guildId).addMember({ username: 'clicker' })
  const channel = sandbox.people.guild(guildId).channel('general').id
  for (;;) {
    for (const message of member.messages(channel)) {
      const customId = partsOf(message).find(({ custom_id: id }) => id?.includes('role') === true)?.custom_id
      if (customId !== undefined) return { member, message, customId }
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function timeClick({ member, message, customId }: Button): Promise<number> {
  const startedAt = performance.now()
  const reply = await member.click(message, customId).reply()
  const tookMs = performance.now() - startedAt
  if (reply.kind !== 'message') throw new Error(`a click was not answered: ${reply.kind}`)
  return tookMs
}
