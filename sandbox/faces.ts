/**
 * The faces of the sandbox, wired to one world: gateway and REST for bots, people, faults.
 */
import { randomBytes } from 'node:crypto'
import { GatewayIntentBits } from 'discord-api-types/v10'
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
import { discordGatewayLimits } from './gateway/limits.ts'
import type { Interactions } from './interactions/registry.ts'
import { createInteractions } from './interactions/registry.ts'
import type { JsonDoor } from './json-door.ts'
import { createJsonDoor } from './json-door.ts'
import type { SandboxOptions } from './options.ts'
import { sandboxToken } from './options.ts'
import { peopleRoutes, toPeopleRefusal } from './people/http.ts'
import type { People } from './people/people.ts'
import { createPeople } from './people/people.ts'
import type { RequestLog } from './request-log.ts'
import type { RestHandler } from './rest/handler.ts'
import { createRestHandler } from './rest/handler.ts'
import type { VoiceLog } from './voice-log.ts'
import type { World } from './world/world.ts'

export interface FaceDeps {
  clock: Clock
  log: Log
  world: World
  requestLog: RequestLog
  voiceLog: VoiceLog
  /** The bound port, known once the sandbox listens. */
  port: () => number
}

export interface Faces {
  token: string
  interactions: Interactions
  gateway: Gateway
  faults: Faults
  people: People
  rest: RestHandler
  json: JsonDoor
}

export function createFaces(deps: FaceDeps, options: SandboxOptions): Faces {
  const { world, clock, log, requestLog } = deps
  const token = options.token ?? sandboxToken
  const interactions = createInteractions({ world, clock, newToken: () => randomBytes(48).toString('base64url') })
  const restFaults = createRestFaults()
  const gatewayFaults = createGatewayFaults()
  const { recommendedShards, privilegedIntents = privilegedIntentBits } = options
  const gateway = createGateway(
    {
      world,
      clock,
      faults: gatewayFaults,
      requestLog,
      newSessionId: () => randomBytes(16).toString('hex'),
      url: () => `ws://127.0.0.1:${deps.port()}`,
    },
    {
      token,
      privilegedIntents,
      limits: { ...discordGatewayLimits, ...options.gatewayLimits },
      ...(recommendedShards === undefined ? {} : { recommendedShards }),
    },
  )
  const faults = createFaults({ rest: restFaults, gateway: gatewayFaults, control: gateway.control })
  const people = createPeople({ world, interactions, clock, voiceLog: deps.voiceLog.lines })
  const rest = createRestHandler({
    world,
    clock,
    log,
    interactions,
    faults,
    requestLog,
    token,
    gatewayInfo: gateway.gatewayInfo,
    baseUrl: () => `http://127.0.0.1:${deps.port()}`,
    limits: options.restLimits ?? {},
    portal: { membersIntent: (privilegedIntents & GatewayIntentBits.GuildMembers) !== 0 },
  })
  const json = createJsonDoor({ log, toRefusal: toPeopleRefusal }, [
    ...peopleRoutes({ people, world, interactions, clock }),
    ...faultRoutes({ faults, gateway, requestLog }),
  ])
  return { token, interactions, gateway, faults, people, rest, json }
}
