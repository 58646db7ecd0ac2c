/**
 * `npm run drill`: the rescale drill in its long form, with Discord's own limits.
 *
 *   npm run drill -- --guilds 2000 --rate 500 --only shapes
 *
 * `--help` names the options. Ends with status 1 when anything was lost, doubled, late or unaccounted for.
 */
import { writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { Command, Option } from 'commander'
import { namesOutOf, positiveNumber } from '../support/arguments.ts'
import { mochaGlobalTeardown as stopServers } from '../support/servers.ts'
import { runDrill } from './drill.ts'
import type { Shape } from './drill.ts'
import { describeStage, describeVerdict, problemsOf } from './drill-report.ts'
import { steps } from './topology-driver.ts'
import type { BreakPoint } from './topology-driver.ts'

function asShape(text: string): Shape {
  const [shards = 0, processes = 0] = text.split('/').map(positiveNumber)
  return { shards, processes }
}

function asShapes(text: string): readonly Shape[] {
  return text.split(',').map(asShape)
}

const parts = ['shapes', 'restart', 'aborts', 'kills'] as const
const shapesInTurn = '8/2,16/4,8/3'
const points = Object.keys(steps) as BreakPoint[]

interface Typed {
  readonly guilds: number
  readonly rate: number
  readonly concurrency: number
  readonly seed: number
  readonly first: Shape
  readonly shapes: readonly Shape[]
  readonly only: readonly (typeof parts)[number][]
  readonly points: readonly BreakPoint[]
  readonly minutes: number
  readonly log?: string
  readonly built: boolean
  readonly profile?: string
}

const values = new Command('npm run drill --')
  .description("The rescale drill in its long form, with Discord's own limits.")
  .option('--guilds <n>', 'servers with people in them', positiveNumber, 2000)
  .option('--rate <n>', 'acts a second', positiveNumber, 500)
  .option('--concurrency <n>', 'identifies at once', positiveNumber, 1)
  .option('--seed <n>', 'of what people do', positiveNumber, Math.ceil(Math.random() * 1e9))
  .addOption(new Option('--first <shape>', 'SHARDS/PROCESSES to begin with').argParser(asShape).default(asShape('4/1'), '4/1'))
  .addOption(new Option('--shapes <shapes>', 'to change to in turn').argParser(asShapes).default(asShapes(shapesInTurn), shapesInTurn))
  .addOption(new Option('--only <parts>', `of ${parts.join(', ')}`).argParser(namesOutOf(parts)).default(parts, 'all'))
  .addOption(new Option('--points <points>', `where it is given up or the manager killed, of: ${points.join(', ')}`).argParser(namesOutOf(points)).default(points, 'all'))
  .option('--minutes <n>', 'after which no further stage is begun', positiveNumber, 60)
  .option('--log <file>', 'what the processes said')
  .option('--built', 'what `npm run build` made, as it is deployed', false)
  .option('--profile <folder>', "a profile of each process' processor time")
  .parse()
  .opts<Typed>()
const wants = (part: (typeof parts)[number]): boolean => values.only.includes(part)
const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function main(): Promise<number> {
  say(`seed ${values.seed}, ${values.guilds} guilds, ${values.rate} acts/s wanted, load of the machine ${loadavg()[0]?.toFixed(1)}`)
  const report = await runDrill(
    {
      seed: values.seed,
      guildCount: values.guilds,
      ratePerSecond: values.rate,
      maxConcurrency: values.concurrency,
      first: values.first,
      isBuilt: values.built,
      profileFolder: values.profile ?? null,
      shapes: wants('shapes') ? values.shapes : [],
      restarts: wants('restart') ? 1 : 0,
      aborts: wants('aborts') ? values.points : [],
      kills: wants('kills') ? values.points : [],
      breakShape: { shards: 4, processes: 2 },
      minutesMax: values.minutes,
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
