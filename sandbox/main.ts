/**
 * The sandbox as a process of its own: `npm run sandbox`.
 *
 * Prints one JSON line when it listens, `{"listening":true,"url":…,"api":…,"port":…,"token":…}`; to a parent with an
 * IPC channel it sends the same object. Ends cleanly on SIGTERM, SIGINT, and when such a parent is gone. Exit codes: 0
 * ended as asked, 1 configuration or start failed.
 */
import { createSystemClock } from '../kernel/clock.ts'
import { coerceError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import { createLog } from '../kernel/log.ts'
import type { SandboxConfig } from './config.ts'
import { parseSandboxConfig } from './config.ts'
import type { Sandbox } from './server.ts'
import { createSandbox } from './server.ts'

async function main(): Promise<void> {
  const config = parseSandboxConfig(process.env)
  const log = createLog({ level: config.logLevel, process: 'sandbox' })
  const sandbox = await start(config, log)
  const { token } = sandbox
  const hello = { listening: true, url: sandbox.url(), api: sandbox.apiUrl(), port: sandbox.port(), token }
  process.stdout.write(`${JSON.stringify(hello)}\n`)
  process.send?.(hello)
  await endAsked(log)
  await sandbox.stop()
  log.info('sandbox stopped')
  // With an IPC channel the process would stay for messages nobody sends.
  if (process.connected) process.disconnect()
}

async function start(config: SandboxConfig, log: Log): Promise<Sandbox> {
  const { port, token, botName, stateFile, voiceLogFile, requestLogFile, recommendedShards, maxConcurrency } = config
  const sandbox = await createSandbox(
    { clock: createSystemClock(), log },
    {
      port,
      token,
      botName,
      gatewayLimits: { maxConcurrency },
      ...(stateFile === undefined ? {} : { stateFile }),
      ...(voiceLogFile === undefined ? {} : { voiceLogFile }),
      ...(requestLogFile === undefined ? {} : { requestLogFile }),
      ...(recommendedShards === undefined ? {} : { recommendedShards }),
    },
  )
  await sandbox.start()
  if (port !== 0 && sandbox.port() !== port) log.warn('port was taken', { wanted: port, port: sandbox.port() })
  log.info('sandbox listening', { url: sandbox.url(), guilds: sandbox.people.guilds().length })
  return sandbox
}

/** Resolves at the first signal to end, or when the parent that started this process is gone. */
function endAsked(log: Log): Promise<void> {
  return new Promise((resolve) => {
    const end = (why: string) => (): void => {
      log.info('sandbox stopping', { why })
      resolve()
    }
    process.once('SIGTERM', end('SIGTERM'))
    process.once('SIGINT', end('SIGINT'))
    process.once('disconnect', end('parent gone'))
  })
}

try {
  await main()
} catch (thrown) {
  process.stderr.write(`${coerceError(thrown).message}\n`)
  process.exitCode = 1
}
