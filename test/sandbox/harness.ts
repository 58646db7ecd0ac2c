/**
 * What the sandbox's own tests start: a sandbox, clients of the unmodified discord.js, bare gateway sockets.
 *
 * Everything started is stopped by `stopAll`, in reverse order; a test file calls it in `afterEach`. Waiting is for
 * events, bounded by mocha's own timeout.
 */
import type { ClientOptions } from 'discord.js'
import { Client, Events, GatewayIntentBits } from 'discord.js'
import { WebSocket } from 'ws'
import type { Clock } from '../../kernel/clock.ts'
import { createSystemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log.ts'
import type { SandboxOptions } from '../../sandbox/options.ts'
import type { Sandbox } from '../../sandbox/server.ts'
import { createSandbox } from '../../sandbox/server.ts'

export interface Harness {
  sandbox(options?: SandboxOptions & { clock?: Clock }): Promise<Sandbox>
  /** A discord.js client that is ready. */
  client(sandbox: Sandbox, options?: Partial<ClientOptions>): Promise<Client<true>>
  /** A gateway socket without any library behind it. */
  socket(sandbox: Sandbox, search?: string): Promise<RawSocket>
  /** Ends with the test, whatever it is. */
  later(stop: () => unknown): void
  stopAll(): Promise<void>
}

export interface Frame {
  op: number
  t: string | null
  s: number | null
  d: Record<string, unknown> & { guilds?: { id: string; unavailable: boolean }[]; session_id?: string; id?: string }
}

export interface RawSocket {
  /** Every frame so far, oldest first. */
  readonly frames: Frame[]
  send(op: number, d: unknown): void
  sendText(text: string): void
  /** The first frame, past or future, that the test accepts. */
  frame(accepts: (frame: Frame) => boolean): Promise<Frame>
  dispatch(t: string): Promise<Frame>
  /** Resolves with the close code, 1006 for a socket that was cut. */
  closed: Promise<number>
  close(code?: number): void
  terminate(): void
}

export const { Guilds, GuildMembers, GuildVoiceStates, GuildMessages, MessageContent } = GatewayIntentBits
export const usualIntents = [Guilds, GuildVoiceStates, GuildMessages]

export function identifyData(sandbox: Sandbox, patch: object = {}): object {
  const intents = Guilds | GuildVoiceStates | GuildMessages
  return { token: sandbox.token, intents, shard: [0, 1], properties: { os: 'x', browser: 'x', device: 'x' }, ...patch }
}

export function createHarness(): Harness {
  const stops: (() => unknown)[] = []
  const later = (stop: () => unknown): void => void stops.push(stop)
  return {
    later,
    async sandbox({ clock = createSystemClock(), ...options } = {}) {
      const sandbox = await createSandbox({ clock, log: silentLog }, options)
      later(() => sandbox.stop())
      await sandbox.start()
      return sandbox
    },
    async client(sandbox, options = {}) {
      const { rest, ...others } = options
      const client = new Client({ intents: usualIntents, ...others, rest: { api: sandbox.apiUrl(), ...rest } })
      later(() => client.destroy())
      const ready = new Promise<Client<true>>((resolve) => client.once(Events.ClientReady, resolve))
      await client.login(sandbox.token)
      return ready
    },
    async socket(sandbox, search = '?v=10&encoding=json') {
      const socket = new WebSocket(`${sandbox.url().replace('http', 'ws')}/${search}`)
      later(() => socket.terminate())
      const raw = wrap(socket)
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
      return raw
    },
    async stopAll() {
      for (const stop of stops.splice(0).reverse()) await stop()
    },
  }
}

function wrap(socket: WebSocket): RawSocket {
  const frames: Frame[] = []
  const waiting = new Set<(frame: Frame) => void>()
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString('utf8')) as Frame
    frames.push(frame)
    for (const look of waiting) look(frame)
  })
  const frame = (accepts: (frame: Frame) => boolean): Promise<Frame> =>
    new Promise((resolve) => {
      const seen = frames.find(accepts)
      if (seen !== undefined) return resolve(seen)
      const look = (next: Frame): void => {
        if (!accepts(next)) return
        waiting.delete(look)
        resolve(next)
      }
      waiting.add(look)
    })
  return {
    frames,
    frame,
    send: (op, d) => socket.send(JSON.stringify({ op, d })),
    sendText: (text) => socket.send(text),
    dispatch: (t) => frame((one) => one.t === t),
    closed: new Promise((resolve) => socket.once('close', resolve)),
    close: (code = 1000) => socket.close(code),
    terminate: () => socket.terminate(),
  }
}
