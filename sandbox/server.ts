/**
 * The sandbox: a Discord on this machine, as one object with a start and a stop.
 *
 * It binds to 127.0.0.1 only. Its limits are Discord's unless options loosen them. Everything a test may want to look
 * at or to break is on the object: world, people, faults, requestLog, gateway, interactions.
 */
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Faces } from './faces.ts'
import { createFaces } from './faces.ts'
import type { Faults } from './faults/faults.ts'
import type { Gateway } from './gateway/gateway.ts'
import { attachDoors } from './http-doors.ts'
import type { Interactions } from './interactions/registry.ts'
import { openJsonLines } from './json-lines.ts'
import { listenOn } from './listen.ts'
import type { SandboxOptions } from './options.ts'
import type { People } from './people/people.ts'
import type { RequestLog } from './request-log.ts'
import { createRequestLog } from './request-log.ts'
import { createVoiceLog } from './voice-log.ts'
import { createWorldSaver, loadWorldState } from './world/save.ts'
import type { World } from './world/world.ts'
import { createWorld } from './world/world.ts'

export interface Sandbox {
  start(): Promise<void>
  /** Says goodbye to all clients, saves the world, closes all sockets. Idempotent. */
  stop(): Promise<void>
  readonly token: string
  readonly world: World
  readonly people: People
  readonly faults: Faults
  readonly interactions: Interactions
  readonly gateway: Gateway
  readonly requestLog: RequestLog
  port(): number
  /** `http://127.0.0.1:port` */
  url(): string
  /** What a client library is given as its API base: `http://127.0.0.1:port/api`. */
  apiUrl(): string
  /** Answers of the last ten minutes that count towards Discord's ban for invalid requests. */
  invalidRequests(): number
}

/** Builds the sandbox; loads the saved world, but does not listen before start(). */
export async function createSandbox(deps: { clock: Clock; log: Log }, options: SandboxOptions = {}): Promise<Sandbox> {
  const records = await openRecords(deps, options)
  const { world, requestLog, voiceLog } = records
  const server = createServer()
  let boundPort = 0
  let stopping: Promise<void> | undefined
  const port = (): number => boundPort
  const url = (): string => `http://127.0.0.1:${boundPort}`
  const faces = createFaces({ ...deps, world, requestLog, voiceLog, port }, options)
  attachDoors(server, faces, deps.log)

  const shutDown = async (): Promise<void> => {
    await closeFaces(server, faces)
    voiceLog.stopped()
    await records.close()
  }
  return {
    async start() {
      boundPort = await listenOn(server, options.port ?? 0)
      const guilds = [...world.state.guilds.values()]
      voiceLog.started(guilds.flatMap(({ id }) => world.voice.list(id).map((state) => ({ guildId: id, state }))))
    },
    stop: () => (stopping ??= shutDown()),
    token: faces.token,
    world,
    people: faces.people,
    faults: faces.faults,
    interactions: faces.interactions,
    gateway: faces.gateway,
    requestLog,
    port,
    url,
    apiUrl: () => `${url()}/api`,
    invalidRequests: () => faces.rest.invalidRequests(),
  }
}

/** The world and what is written down about it: state file, voice log, request log. */
async function openRecords({ clock, log }: { clock: Clock; log: Log }, options: SandboxOptions) {
  const { stateFile, voiceLogFile, requestLogFile, botName } = options
  const state = stateFile === undefined ? undefined : await loadWorldState(stateFile)
  const world = createWorld({ clock }, { ...(state ? { state } : {}), ...(botName === undefined ? {} : { botName }) })
  const saver = stateFile === undefined ? null : createWorldSaver({ state: world.state, clock, log }, { file: stateFile })
  const requestFile = requestLogFile === undefined ? null : openJsonLines(requestLogFile)
  const requestLog = createRequestLog({ clock })
  const voiceLog = createVoiceLog({ clock, file: voiceLogFile === undefined ? null : openJsonLines(voiceLogFile) })
  requestLog.onEntry((entry) => requestFile?.write(entry))
  world.voice.onVoiceChange(voiceLog.add)
  world.onTouched(() => saver?.changed())
  const close = async (): Promise<void> => {
    await saver?.stop()
    voiceLog.close()
    requestFile?.close()
  }
  return { world, requestLog, voiceLog, close }
}

async function closeFaces(server: Server, { gateway, interactions }: Faces): Promise<void> {
  gateway.stop()
  interactions.stop()
  if (!server.listening) return
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    // Clients keep their connections open for reuse, which would keep the server open as long.
    server.closeAllConnections()
  })
}
