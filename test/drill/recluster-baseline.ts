/**
 * The library's own re-cluster under the same people, measured beside `npm run drill`: what they see while it runs.
 *
 *   node --import tsx test/drill/recluster-baseline.ts [guilds] [acts a second]
 */
import { loadavg } from 'node:os'
import { createSystemClock, waitFor } from '../../kernel/clock.ts'
import { snowflakeAt } from '../../kernel/ids.ts'
import { silentLog } from '../../kernel/log.ts'
import type { MemberDriver } from '../../sandbox/people/member.ts'
import { createSandbox } from '../../sandbox/server.ts'
import { startProgram } from '../support/program.ts'
import { quantile } from './drill-report.ts'

const [guildCount = 100, ratePerSecond = 50] = process.argv.slice(2).map(Number)
const clock = createSystemClock()
/** Before it and after it, so that what was counted before can be missed afterwards. */
const aroundMs = 5_000

interface Counter {
  readonly owner: MemberDriver
  isBusy: boolean
  /** The highest number that anybody was told. */
  told: number
  lost: number
}

const sandbox = await createSandbox({ clock, log: silentLog }, { gatewayLimits: { maxConcurrency: 16 } })
await sandbox.start()
const base = Date.now() - 86_400_000
const counters: Counter[] = Array.from({ length: guildCount }, (_, index) => {
  const guild = sandbox.people.createGuild({ id: snowflakeAt(base + index), name: `guild ${index}` })
  return { owner: guild.owner(), isBusy: false, told: 0, lost: 0 }
})
const environment = { SANDBOX_API: sandbox.apiUrl(), SANDBOX_TOKEN: sandbox.token }
const manager = startProgram({ name: 'baseline', entry: 'test/drill/recluster-manager.ts', args: ['4', '1', '8', '2'], environment, ipc: true })
await manager.message((message) => ((message as { kind?: string }).kind === 'ready' ? true : undefined))

const seen = { acts: 0, counted: 0, maintenance: 0, failed: 0 }
const latencies: number[] = []
let unservedSince: number | null = null
let worstGapMs = 0
const open = new Set<Promise<void>>()

async function use(counter: Counter): Promise<void> {
  const askedAtMs = performance.now()
  const reply = await counter.owner.slash('count').reply()
  const [word, number] = reply.kind === 'message' ? reply.message.content.split(' ') : []
  if (word === 'count') {
    seen.counted += 1
    latencies.push(performance.now() - askedAtMs)
    if (unservedSince !== null) worstGapMs = Math.max(worstGapMs, performance.now() - unservedSince)
    unservedSince = null
    // A number that was told before is told again: what was acknowledged in between is gone.
    if (Number(number) <= counter.told) counter.lost += counter.told - Number(number) + 1
    counter.told = Number(number)
  } else {
    unservedSince ??= askedAtMs
    if (word === 'maintenance') seen.maintenance += 1
    else seen.failed += 1
  }
}

const timer = setInterval(() => {
  for (let times = 0; times < ratePerSecond / 50; times += 1) {
    const counter = counters[Math.floor(Math.random() * counters.length)]
    if (counter === undefined || counter.isBusy) continue
    counter.isBusy = true
    seen.acts += 1
    const one = use(counter).finally(() => {
      counter.isBusy = false
      open.delete(one)
    })
    open.add(one)
  }
}, 20)
await waitFor(clock, aroundMs)
const startedAtMs = performance.now()
manager.kill('SIGUSR2')
const end = await manager.message((message) => {
  const { kind } = message as { kind?: string }
  return kind === 'done' || kind === 'failed' ? JSON.stringify(message) : undefined
})
const tookMs = performance.now() - startedAtMs
await waitFor(clock, aroundMs)
clearInterval(timer)
await Promise.all(open)
latencies.sort((a, b) => a - b)
const doubled = manager.output().split('\n').filter((line) => line.startsWith('not answered')).length
const lost = counters.reduce((sum, counter) => sum + counter.lost, 0)
process.stdout.write(
  `re-cluster of discord-hybrid-sharding, 4/1 → 8/2: ${end} after ${(tookMs / 1000).toFixed(1)} s; ${JSON.stringify(seen)}; ` +
    `acknowledged and then gone ${lost}; handled by a second process too ${doubled}; ` +
    `longest time without a served answer ${(worstGapMs / 1000).toFixed(1)} s; p50 ${quantile(latencies, 0.5).toFixed(0)} ms, p99 ${quantile(latencies, 0.99).toFixed(0)} ms; ` +
    `load of the machine ${loadavg()[0]?.toFixed(1)}\n`,
)
manager.kill('SIGTERM')
await manager.closed
await sandbox.stop()
