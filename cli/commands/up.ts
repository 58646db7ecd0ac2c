/**
 * `muster up`: the main job. Starts the house, and without a Discord token plays a scene on the local one.
 *
 * With `--once` the scene is played fast, one shard process is killed in the middle, everything ends, and the last line
 * is one JSON object; its `ok` decides the exit status. Ctrl-c ends what was started here, and nothing else.
 */
import type { Clock } from '../../kernel/clock.ts'
import { AppError } from '../../kernel/errors.ts'
import { createPrismaClient } from '../../prisma/prisma-client.ts'
import { readJournal } from '../../prisma/run-export.ts'
import { createPeopleClient } from '../../sandbox/people/client.ts'
import type { HouseConfig } from '../config.ts'
import type { House } from '../up/house.ts'
import { openHouse } from '../up/house.ts'
import { writeLastRun } from '../up/last-run.ts'
import type { CheckedSession, RunRecords } from '../up/run-records.ts'
import { checkByApi, waitForRecords } from '../up/run-records.ts'
import { stretchesOf } from '../up/run-verdict.ts'
import type { PlayedClass } from '../up/class-scene.ts'
import { ClassScene } from '../up/class-scene.ts'
import type { SceneOptions } from '../up/scene.ts'
import { Scene } from '../up/scene.ts'

/** Between two acts: a person watching follows; and as fast as the house can show that it counts. */
const humanPauseMs = 2_000
const fastPauseMs = 700

export interface UpDeps {
  readonly clock: Clock
  /** Aborts on ctrl-c. */
  readonly signal: AbortSignal
  say(sentence: string): void
  /** The last line of `--once`. */
  printResult(line: string): void
}

/**
 * Resolves with the exit code. Ctrl-c is the usual end of `muster up`, whenever it comes: 0. A `--once` that did not come
 * to its last line has proven nothing: 1.
 */
export async function up(deps: UpDeps, config: HouseConfig, options: { readonly once: boolean }): Promise<number> {
  try {
    return await run(deps, config, options)
  } catch (thrown) {
    // What fails after ctrl-c fails because of it: programs of the same terminal were told to end as well.
    if (!deps.signal.aborted) throw thrown
    return options.once ? 1 : 0
  }
}

async function run(deps: UpDeps, config: HouseConfig, options: { readonly once: boolean }): Promise<number> {
  if (options.once && config.discordToken !== undefined) {
    throw new AppError('configuration-invalid', '--once plays on the local Discord: unset DISCORD_TOKEN, or start without --once')
  }
  const startedAt = deps.clock.monotonicMs()
  const house = await openHouse(deps, config)
  let result: OnceResult
  try {
    const end = endOf(deps, house)
    result = await Promise.race([options.once ? playOnce(deps, house) : stayUp(deps, house, end), end])
  } finally {
    deps.say('Ending.')
    await house.stop()
  }
  const seconds = Math.round((deps.clock.monotonicMs() - startedAt) / 100) / 10
  deps.printResult(JSON.stringify({ ...result, seconds }))
  return result.ok ? 0 : 1
}

/** Rejects on ctrl-c, and when a part of the house ends by itself: there is nothing left to wait for. */
async function endOf(deps: UpDeps, house: House): Promise<never> {
  const asked = new Promise<never>((_, reject) => {
    const end = (): void => reject(deps.signal.reason as Error)
    if (deps.signal.aborted) end()
    else deps.signal.addEventListener('abort', end, { once: true })
  })
  const broken = house.broken.then(({ sentence, exitCode }): never => {
    throw new AppError('child-failed', sentence, { context: { exitCode } })
  })
  return await Promise.race([asked, broken])
}

/** The last line of `--once`, without its time. */
interface OnceResult {
  readonly ok: boolean
  readonly shardProcesses: number
  readonly sessions: readonly CheckedSession[]
  readonly killed: number
  readonly lost: number
  readonly doubled: number
  /** How many members of the class were told that they are recorded, and how many stand in its list. */
  readonly recorded: number
  readonly listed: number
}

interface Played {
  readonly records: RunRecords
  readonly sessions: readonly CheckedSession[]
  readonly played: PlayedClass
}

/** Plays the scene, waits for its records, checks them, and writes the last-run folder. */
async function playScene(
  deps: UpDeps,
  house: House,
  options: Pick<SceneOptions, 'pauseMs' | 'interlude' | 'beforeLastLeave'>,
): Promise<Played> {
  const people = createPeopleClient(house.sandboxUrl ?? '')
  const client = createPrismaClient({
    connectionString: house.databaseUrl,
    connectionsMax: 2,
    statementTimeoutMs: 10_000,
    connectTimeoutMs: 5_000,
    applicationName: 'muster-up',
  })
  try {
    const scene = new Scene({ ...deps, people })
    const guildIds = await scene.prepare()
    const evening = await ClassScene.prepare({ ...deps, people })
    // People an interrupted run left in voice go first: their sessions are not this run's.
    await scene.clear()
    const lastLine = (await people.voiceLog()).at(-1)?.n ?? 0
    const since = await databaseNow(client)
    await scene.play({ ...options, signal: deps.signal })
    const played = await evening.play({ pauseMs: options.pauseMs, signal: deps.signal })
    const voiceLines = await people.voiceLog(lastLine)
    const stretches = stretchesOf(voiceLines)
    // Whoever was killed is back before anything is judged: what it would double is there then.
    await house.whenShardsReady()
    const records = await waitForRecords({ clock: deps.clock, client, signal: deps.signal }, { guildIds, since, stretches })
    const journal = await readJournal(client, guildIds)
    await writeLastRun(house.folder, { run: records.run, journal, clusterPublicKey: house.clusterPublicKey, voiceLines })
    const sessions = await checkByApi(house.apiUrl, records.run.receipts.map(({ recordId }) => recordId))
    return { records, sessions, played }
  } finally {
    await client.$disconnect()
  }
}

async function databaseNow(client: ReturnType<typeof createPrismaClient>): Promise<number> {
  const rows = await client.$queryRaw<{ now: bigint }[]>`SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now`
  return Number(rows[0]?.now ?? 0n)
}

/** On the local Discord the scene is played first; then everything runs until `end`. */
async function stayUp(deps: UpDeps, house: House, end: Promise<never>): Promise<never> {
  if (house.sandboxUrl === null) {
    deps.say('Connected to Discord. Press ctrl-c to end.')
    return await end
  }
  const { sessions } = await playScene(deps, house, { pauseMs: humanPauseMs })
  showResult(deps, house, sessions)
  deps.say('')
  deps.say('Everything stays up. Press ctrl-c to end.')
  return await end
}

function showResult(deps: UpDeps, house: House, sessions: readonly CheckedSession[]): void {
  const [first] = sessions
  deps.say('')
  deps.say(`${sessions.length} sessions signed; ${sessions.filter(({ valid }) => valid).length} verify as valid.`)
  if (first === undefined) return
  deps.say(`Open in a browser:  ${first.url}`)
  deps.say('Check it without us, in this folder, with openssl:')
  deps.say(`  cd ${house.folder}/last-run && F=receipts/${first.id}.json`)
  deps.say('  jq -r .signed $F | base64 -d >m; jq -r .signature $F | base64 -d >s; jq -r .public_key_pem $F >k')
  deps.say('  openssl pkeyutl -verify -pubin -inkey k -rawin -in m -sigfile s')
}

async function playOnce(deps: UpDeps, house: House): Promise<OnceResult> {
  let killed = 0
  const { records, sessions, played } = await playScene(deps, house, {
    pauseMs: fastPauseMs,
    interlude: async () => {
      killed = await killOneShardProcess(deps, house)
    },
    beforeLastLeave: () => house.whenShardsReady(),
  })
  const shardProcesses = house.shardPids().size
  const { lost, doubled } = records.verdict
  const isOk = sessions.length > 0 && lost.length === 0 && doubled.length === 0 && killed === 1
  const isListed = played.recorded.length > 0 && played.recorded.toSorted(byText).join() === played.listed.toSorted(byText).join()
  const ok = isOk && isListed && sessions.every(({ valid }) => valid)
  const { recorded, listed } = played
  return { ok, shardProcesses, sessions, killed, lost: lost.length, doubled: doubled.length, recorded: recorded.length, listed: listed.length }
}

const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

/** SIGKILL, no goodbye: the process that serves the first shard. */
async function killOneShardProcess(deps: UpDeps, house: House): Promise<number> {
  const [first] = house.shardPids()
  if (first === undefined) throw new AppError('child-failed', 'there is no shard process to kill')
  const [clusterId, pid] = first
  process.kill(pid, 'SIGKILL')
  deps.say(`Shard process ${clusterId} (pid ${pid}) is killed with SIGKILL. Nothing is to be lost.`)
  return Promise.resolve(1)
}
