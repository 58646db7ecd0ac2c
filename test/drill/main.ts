/**
 * `npm run drill`: the rescale drill in its long form, with Discord's own limits.
 *
 *   npm run drill -- --guilds 2000 --rate 500 --only shapes
 *
 * Options: --guilds N, --rate N acts a second, --concurrency N identifies at once, --seed N, --first SHARDS/PROCESSES to begin
 * with, --shapes SHARDS/PROCESSES,… to change to in turn, --only shapes|restart|aborts|kills, --points 'half has moved,retire begins', --minutes N after which no further stage is
 * begun, --log FILE for what the processes said, --built for what `npm run build` made, as it is deployed,
 * --profile FOLDER for a profile of each process' processor time.
 * Ends with status 1 when anything was lost, doubled, late or unaccounted for.
 */
import { writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { mochaGlobalTeardown as stopServers } from '../support/servers.ts'
import { runDrill } from './drill.ts'
import type { Shape } from './drill.ts'
import { describeStage, describeVerdict, problemsOf } from './drill-report.ts'
import { steps } from './topology-driver.ts'
import type { BreakPoint } from './topology-driver.ts'

const { values } = parseArgs({
  options: {
    guilds: { type: 'string', default: '2000' },
    rate: { type: 'string', default: '500' },
    concurrency: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    only: { type: 'string' },
    first: { type: 'string', default: '4/1' },
    shapes: { type: 'string', default: '8/2,16/4,8/3' },
    minutes: { type: 'string', default: '60' },
    points: { type: 'string' },
    log: { type: 'string' },
    built: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
})
const everyPoint = (Object.keys(steps) as BreakPoint[]).filter((point) => values.points?.split(',').includes(point) ?? true)
const asShape = (text: string): Shape => {
  const [shards = 0, processes = 0] = text.split('/').map(Number)
  return { shards, processes }
}
const wants = (part: string): boolean => values.only === undefined || values.only === part
const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function main(): Promise<number> {
  say(`seed ${values.seed}, ${values.guilds} guilds, ${values.rate} acts/s wanted, load of the machine ${loadavg()[0]?.toFixed(1)}`)
  const report = await runDrill(
    {
      seed: Number(values.seed),
      guildCount: Number(values.guilds),
      ratePerSecond: Number(values.rate),
      maxConcurrency: Number(values.concurrency),
      first: asShape(values.first),
      isBuilt: values.built,
      profileFolder: values.profile ?? null,
      shapes: wants('shapes') ? values.shapes.split(',').map(asShape) : [],
      restarts: wants('restart') ? 1 : 0,
      aborts: wants('aborts') ? everyPoint : [],
      kills: wants('kills') ? everyPoint : [],
      breakShape: { shards: 4, processes: 2 },
      minutesMax: Number(values.minutes),
      ...(values.log === undefined ? {} : { onOutput: (output: string) => writeFileSync(values.log ?? '', output) }),
    },
    (stage) => say(describeStage(stage)),
  )
  say(describeVerdict(report))
  say(`load of the machine ${loadavg()[0]?.toFixed(1)}`)
  for (const line of report.verdict.sessionLines) say(line)
  const problems = problemsOf(report)
  for (const problem of problems) say(`PROBLEM ${problem}`)
  return problems.length === 0 ? 0 : 1
}

try {
  process.exitCode = await main()
} finally {
  await stopServers()
}
