/**
 * Entry of the manager: plans the shards, spawns the shard processes, keeps them alive, drains them at the end.
 *
 * Exit codes: 0 drained, 1 configuration, 2 Postgres or Redis, 3 Discord; the last two as a child reported them. A parent
 * with an IPC channel is told what happens (`ready`, `exit`); when that parent is gone the manager drains as well.
 */
import { fileURLToPath } from 'node:url'
import { createSystemClock } from '../kernel/clock.ts'
import { codeOf, coerceError } from '../kernel/errors.ts'
import { createLog } from '../kernel/log.ts'
import { version } from '../kernel/version.ts'
import { parseManagerConfig } from './config.ts'
import { readGatewayBot } from './gateway-bot.ts'
import { ShardGeneration } from './generation.ts'
import { ManagerVitals } from './manager-vitals.ts'
import { allowedShardCountFor, planShards } from './plan.ts'
import { exitCodes } from './protocol.ts'

async function main(): Promise<void> {
  const config = parseManagerConfig(process.env)
  const clock = createSystemClock()
  const log = createLog({ level: config.logLevel, process: 'manager' })
  const gateway = await readGatewayBot({ api: config.discordApi, token: config.discordToken })
  const shardCount = config.shardCount ?? allowedShardCountFor(gateway.shards)
  const plan = planShards({ shardCount, processCount: config.processCount })
  log.info('starting', { shardCount, processes: plan.length, identifiesLeft: gateway.session_start_limit.remaining })
  const readyIds = new Set<number>()
  const vitals = new ManagerVitals({ log }, { version })
  vitals.expect(plan.length)
  const generation = new ShardGeneration(
    {
      clock,
      log,
      events: {
        onListening: (_clusterId, door) => vitals.noteListening({ ...door, generation: config.generation }),
        onReady(clusterId, facts) {
          vitals.noteReady(facts.pid)
          readyIds.add(clusterId)
          log.info('shard process ready', { cluster: clusterId, ...facts })
          process.send?.({ kind: 'shard-ready', clusterId, ...facts, all: readyIds.size === plan.length })
          if (readyIds.size === plan.length) process.send?.('ready')
        },
        onExit(clusterId, facts) {
          vitals.noteExit(facts.pid)
          readyIds.delete(clusterId)
          process.send?.({ kind: 'shard-exit', clusterId, ...facts })
        },
        onHopeless({ exitCode, sentence }) {
          // All processes fail for the same reason: it is said once.
          if (!isEnding) process.stderr.write(`muster: ${sentence}\n`)
          end('a shard process cannot run', exitCode)
        },
      },
    },
    { ...shardProgram(), token: config.discordToken, plan, shardCount, respawnDelayMsMax: config.respawnDelayMsMax },
  )
  let isEnding = false
  const end = (reason: string, exitCode: number): void => {
    if (isEnding) return
    isEnding = true
    vitals.noteDraining()
    log.info('draining', { reason })
    generation
      .stop()
      .then(() => vitals.stop())
      .then(() => {
        log.info('drained')
        process.exit(exitCode)
      })
      .catch((thrown: unknown) => fail(coerceError(thrown)))
  }
  process.once('SIGTERM', () => end('SIGTERM', exitCodes.normal))
  process.once('SIGINT', () => end('SIGINT', exitCodes.normal))
  if (process.send !== undefined) process.once('disconnect', () => end('parent gone', exitCodes.normal))
  const healthPort = await vitals.start({ host: config.healthHost, port: config.healthPort })
  log.info('health and metrics', { host: config.healthHost, port: healthPort })
  process.send?.({ kind: 'listening', healthPort })
  await generation.start()
}

/** The shard process beside this file: TypeScript through the loader we run under ourselves, or the built JavaScript. */
function shardProgram(): { file: string; execArgv: readonly string[] } {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return { file: fileURLToPath(new URL(`../shards/main.${extension}`, import.meta.url)), execArgv: process.execArgv }
}

function fail(error: Error): never {
  const code = codeOf(error) ?? ''
  const isForeseen = error.name === 'AppError'
  process.stderr.write(`muster: ${isForeseen ? error.message : (error.stack ?? error.message)}\n`)
  process.exit(code.startsWith('discord-') ? exitCodes.gateway : exitCodes.configuration)
}

main().catch((thrown: unknown) => fail(coerceError(thrown)))
