/**
 * Entry of the manager: plans the shards, spawns the shard processes, keeps them alive, changes the topology when asked,
 * drains everything at the end.
 *
 * Exit codes: 0 drained, 1 configuration, 2 Postgres or Redis, 3 Discord; the last two as a child reported them. A parent
 * with an IPC channel is told what happens; when that parent is gone the manager drains as well. Killed without a goodbye
 * it leaves processes that serve on until the next manager's have taken over.
 */
import { fileURLToPath } from 'node:url'
import { createSystemClock } from '../kernel/clock.ts'
import { codeOf, coerceError } from '../kernel/errors.ts'
import { createLog } from '../kernel/log.ts'
import { newIncarnation } from '../kernel/new-incarnation.ts'
import { version } from '../kernel/version.ts'
import { parseManagerConfig } from './config.ts'
import { readGatewayBot } from './gateway-bot.ts'
import { ShardGeneration } from './generation.ts'
import { Manager } from './manager.ts'
import { exitCodes } from './protocol.ts'
import { openManagerStores } from './stores.ts'

async function main(): Promise<void> {
  const config = parseManagerConfig(process.env)
  const clock = createSystemClock()
  const log = createLog({ level: config.logLevel, process: 'manager' })
  const stores = await openManagerStores({ log }, config)
  const manager = new Manager(
    {
      clock,
      log,
      stores,
      version,
      readGateway: () => readGatewayBot({ api: config.discordApi, token: config.discordToken }),
      createGeneration: (gate) => ({ row, plan, events }) => new ShardGeneration({ clock, log, gate, events }, {
        ...shardProgram(),
        generation: row.generation,
        shardCount: row.shardCount,
        plan,
        token: config.discordToken,
        respawnDelayMsMax: config.respawnDelayMsMax,
      }),
      tellParent: (message) => void (process.connected && process.send?.(message)),
      onEnd: ({ reason, exitCode, sentence }) => {
        // All processes fail for the same reason: it is said once.
        if (!isEnding) process.stderr.write(`muster: ${sentence}\n`)
        end(reason, exitCode)
      },
    },
    {
      me: newIncarnation(),
      pid: process.pid,
      health: { host: config.healthHost, port: config.healthPort },
      wanted: { shardCount: config.shardCount, processCount: config.processCount },
      exitCodeSuperseded: exitCodes.normal,
    },
  )
  let isEnding = false
  const end = (reason: string, exitCode: number): void => {
    if (isEnding) return
    isEnding = true
    log.info('draining', { reason })
    manager
      .stop()
      .then(() => {
        log.info('drained')
        process.exit(exitCode)
      })
      .catch((thrown: unknown) => fail(coerceError(thrown)))
  }
  process.once('SIGTERM', () => end('SIGTERM', exitCodes.normal))
  process.once('SIGINT', () => end('SIGINT', exitCodes.normal))
  if (process.send !== undefined) process.once('disconnect', () => end('parent gone', exitCodes.normal))
  try {
    await manager.start()
  } catch (thrown) {
    if (isEnding) return
    isEnding = true
    await manager.stop()
    throw thrown
  }
  if (!isEnding && process.connected) process.send?.('ready')
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
  if (code.startsWith('postgres-') || code.startsWith('redis-')) process.exit(exitCodes.store)
  process.exit(code.startsWith('discord-') ? exitCodes.gateway : exitCodes.configuration)
}

main().catch((thrown: unknown) => fail(coerceError(thrown)))
