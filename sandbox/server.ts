/**
 * The sandbox: a Discord on this machine, as one object with a start and a stop.
 *
 * It binds to 127.0.0.1 only. Its limits are Discord's unless options loosen them. Everything a test may want to look
 * at or to break is on the object: world, people, faults, requestLog, gateway, interactions.
 */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Faults } from './faults/faults.ts'
import { createFaults } from './faults/faults.ts'
import { createGatewayFaults } from './faults/gateway-faults.ts'
import { faultRoutes } from './faults/http.ts'
import { createRestFaults } from './faults/rest-faults.ts'
import type { Gateway } from './gateway/gateway.ts'
import { createGateway } from './gateway/gateway.ts'
import { privilegedIntentBits } from './gateway/identify.ts'
import type { GatewayLimits } from './gateway/limits.ts'
import { discordGatewayLimits } from './gateway/limits.ts'
import { attachDoors } from './http-doors.ts'
import type { Interactions } from './interactions/registry.ts'
import { createInteractions } from './interactions/registry.ts'
import { createJsonDoor } from './json-door.ts'
import type { JsonLines } from './json-lines.ts'
import { openJsonLines } from './json-lines.ts'
import { listenOn } from './listen.ts'
import { peopleRoutes, toPeopleRefusal } from './people/http.ts'
import type { People } from './people/people.ts'
import { createPeople } from './people/people.ts'
import type { RequestLog } from './request-log.ts'
import { createRequestLog } from './request-log.ts'
import { createRestHandler } from './rest/handler.ts'
import type { RestLimits } from './rest/rate-limits.ts'
import type { VoiceLog } from './voice-log.ts'
import { createVoiceLog } from './voice-log.ts'
import type { WorldSaver } from './world/save.ts'
import { createWorldSaver, loadWorldState } from './world/save.ts'
import type { World } from './world/world.ts'
import { createWorld } from './world/world.ts'

/** A token of the right form that no Discord ever gave out. */
export const sandboxToken = 'MTAwMDAwMDAwMDAwMDAwMDAwMA.SANDBX.this-token-works-only-in-the-sandbox'

export interface SandboxOptions {
  /** Tried first, then the next free one; 0 (the default) takes any. */
  port?: number
  token?: string
  botName?: string
  gatewayLimits?: Partial<GatewayLimits>
  restLimits?: RestLimits
  /** Privileged intents enabled in the "developer portal"; all by default. */
  privilegedIntents?: number
  /** The `shards` of GET /gateway/bot; by default computed from the number of guilds. */
  recommendedShards?: number
  /** The world is loaded from here and saved here. */
  stateFile?: string
  /** JSON lines of who joined and left voice when. */
  voiceLogFile?: string
  /** JSON lines of every request and dispatch. */
  requestLogFile?: string
}

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

interface Files {
  voice: JsonLines | null
  requests: JsonLines | null
  saver: WorldSaver | null
}

/** Builds the sandbox; loads the saved world, but does not listen before start(). */
export async function createSandbox(deps: { clock: Clock; log: Log }, options: SandboxOptions = {}): Promise<Sandbox> {
  const { clock, log } = deps
  const { stateFile, voiceLogFile, requestLogFile, botName } = options
  const state = stateFile === undefined ? undefined : await loadWorldState(stateFile)
  const world = createWorld({ clock }, { ...(state ? { state } : {}), ...(botName === undefined ? {} : { botName }) })
  const files: Files = {
    voice: voiceLogFile === undefined ? null : openJsonLines(voiceLogFile),
    requests: requestLogFile === undefined ? null : openJsonLines(requestLogFile),
    saver: stateFile === undefined ? null : createWorldSaver({ state: world.state, clock, log }, { file: stateFile }),
  }
  const requestLog = createRequestLog({ clock })
  const voiceLog = createVoiceLog({ clock, file: files.voice })
  requestLog.onEntry((entry) => files.requests?.write(entry))
  world.voice.onVoiceChange(voiceLog.add)
  world.onTouched(() => files.saver?.changed())
  return assemble(deps, options, { world, requestLog, voiceLog, files })
}

function assemble(
  deps: { clock: Clock; log: Log },
  options: SandboxOptions,
  parts: { world: World; requestLog: RequestLog; voiceLog: VoiceLog; files: Files },
): Sandbox {
  const { clock, log } = deps
  const { world, requestLog, voiceLog } = parts
  const token = options.token ?? sandboxToken
  const server = createServer()
  let boundPort = 0
  const url = (): string => `http://127.0.0.1:${boundPort}`

  const interactions = createInteractions({ world, clock, newToken: () => randomBytes(48).toString('base64url') })
  const [restFaults, gatewayFaults] = [createRestFaults(), createGatewayFaults()]
  const newSessionId = (): string => randomBytes(16).toString('hex')
  const gatewayUrl = (): string => `ws://127.0.0.1:${boundPort}`
  const { recommendedShards, privilegedIntents = privilegedIntentBits } = options
  const gateway = createGateway(
    { world, clock, faults: gatewayFaults, requestLog, newSessionId, url: gatewayUrl },
    {
      token,
      privilegedIntents,
      limits: { ...discordGatewayLimits, ...options.gatewayLimits },
      ...(recommendedShards === undefined ? {} : { recommendedShards }),
    },
  )
  const faults = createFaults({ rest: restFaults, gateway: gatewayFaults, control: gateway.control })
  const people = createPeople({ world, interactions, clock, voiceLog: voiceLog.lines })
  const rest = createRestHandler({
    ...deps,
    world,
    interactions,
    faults,
    requestLog,
    token,
    gatewayInfo: gateway.gatewayInfo,
    baseUrl: url,
    limits: options.restLimits ?? {},
  })
  const json = createJsonDoor({ log, toRefusal: toPeopleRefusal }, [
    ...peopleRoutes({ people, world, interactions, clock }),
    ...faultRoutes({ faults, gateway, requestLog }),
  ])
  attachDoors(server, { rest, json, gateway }, log)

  const shutDown = async (): Promise<void> => {
    gateway.stop()
    interactions.stop()
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      // Clients keep their connections open for reuse, which would keep the server open as long.
      server.closeAllConnections()
    })
    voiceLog.mark('sandbox-stopped')
    await parts.files.saver?.stop()
    voiceLog.close()
    parts.files.requests?.close()
  }
  let stopping: Promise<void> | undefined
  return {
    async start() {
      boundPort = await listenOn(server, options.port ?? 0)
      voiceLog.mark('sandbox-started')
    },
    stop: () => (stopping ??= shutDown()),
    token,
    world,
    people,
    faults,
    interactions,
    gateway,
    requestLog,
    port: () => boundPort,
    url,
    apiUrl: () => `${url()}/api`,
    invalidRequests: () => rest.invalidRequests(),
  }
}
