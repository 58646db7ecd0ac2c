/**
 * Who may know whom: the import table of the house, as data, held against every file. And the few habits that a machine
 * can check: names, sizes, what must not be in a file.
 *
 * Arrows point inward, to the pure. To change a row is a design decision: say why in the commit.
 */
import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import { expect } from 'chai'
import { listHouseFiles, readHouseFile } from './support/house-files.ts'
import type { Import } from './support/imports.ts'
import { parseImports } from './support/imports.ts'

interface Room {
  /** Rooms, folders or files of the house; with `type:` only what the compiler erases. Its own files always. */
  readonly house: readonly string[]
  /** Packages, and `node:` modules; `node:*` is all of them. */
  readonly packages: readonly string[]
  /** Files, or folders ending in a slash, that may know more than their room: each is a door between two vocabularies. */
  readonly doors?: Readonly<Record<string, readonly string[]>>
}

/** What a pure room may stand on: nothing with a clock, a socket or a file. */
const pureKernel = ['kernel/assert.ts', 'kernel/errors.ts', 'kernel/ids.ts', 'kernel/limits.ts', 'kernel/text.ts', 'kernel/uuid.ts']

const rooms: Readonly<Record<string, Room>> = {
  kernel: { house: [], packages: ['node:*'], doors: { 'log.ts': ['pino'], 'metric-families.ts': ['prom-client'], 'pretty-log.ts': ['type:pino', 'type:pino-pretty'], 'settings.ts': ['zod'], 'shared-settings.ts': ['zod'], 'thread.ts': ['tsx'], 'uuid.ts': ['uuid'] } },
  'actors/protocol': { house: pureKernel, packages: [] },
  // Calendars of time zones are nobody's own business: luxon is pure, it reads the runtime's Intl data and nothing else.
  'actors/behaviours': { house: [...pureKernel, 'actors/protocol'], packages: [], doors: { 'code-attendance/dates.ts': ['luxon'], 'voice-attendance/calendar.ts': ['luxon'] } },
  'actors/records': {
    house: [...pureKernel, 'actors/protocol'],
    packages: ['node:crypto', 'node:util'],
    doors: {
      'canonical.ts': ['canonicalize'],
      'ed25519-reference.ts': ['@noble/ed25519'],
      'ed25519-strict.ts': ['@noble/ed25519'],
    },
  },
  'actors/ownership': {
    house: ['kernel', 'type:actors/runtime/ports.ts', 'type:actors/runtime/slot-table.ts'],
    packages: [],
    doors: {
      'handoff.ts': ['zod'],
      'watchdog-thread.ts': ['ioredis', 'node:worker_threads'],
      'redis-advisory-lock.ts': ['ioredis', 'redlock'],
      'redis-connection.ts': ['ioredis'],
      'redis-lease-store.ts': ['ioredis'],
      'redis-scripts.ts': ['ioredis', 'node:crypto', 'node:fs', 'node:path', 'node:url'],
    },
  },
  'actors/transport': {
    house: ['kernel', 'type:actors/runtime/ports.ts'],
    packages: [],
    doors: {
      'redis-': ['ioredis', 'actors/ownership/redis-failure.ts', 'actors/ownership/redis-keys.ts', 'actors/ownership/redis-scripts.ts'],
      'redis-actor-client.ts': ['actors/client/actor-client.ts'],
    },
  },
  'actors/client': {
    house: ['kernel', 'actors/protocol', 'actors/ownership/slots.ts', 'type:actors/runtime/ports.ts'],
    packages: [],
  },
  'actors/runtime': {
    house: ['kernel', 'actors/protocol', 'actors/behaviours', 'actors/records', 'actors/ownership', 'actors/client', 'actors/transport/stream-id.ts'],
    packages: [],
    doors: {
      'journal-entry.ts': ['node:crypto'],
      'resting-guild.ts': ['node:zlib'],
      'snapshot-thread.ts': ['node:worker_threads'],
      'snapshot-threads.ts': ['type:node:worker_threads', 'node:os'],
    },
  },
  prisma: {
    house: ['kernel', 'actors/protocol', 'actors/records', 'actors/runtime/ports.ts', 'actors/ownership/slots.ts'],
    packages: ['pg', '@prisma/client', '@prisma/adapter-pg', '@prisma/driver-adapter-utils', '@prisma/schema-engine-wasm', 'node:*'],
  },
  shards: {
    house: ['kernel', 'actors', 'cluster/protocol.ts', 'cluster/process-status.ts'],
    packages: ['discord.js', 'discord-api-types', 'discord-hybrid-sharding', 'node:crypto'],
    doors: {
      // An export is made where it is asked for: packed and quoted by libraries, as a stream.
      'attendance/export-csv.ts': ['csv-stringify', 'node:events', 'node:zlib'],
      'config.ts': ['zod'],
      'effects/': ['zod'],
      'effects/webhook-': ['node:dns', 'node:http', 'node:https', 'node:net'],
      'gateway/identify-throttle.ts': ['type:ioredis'],
      // A limiter's counting and its fallback are a library's business, as in api/address-limit.ts.
      'signing/attempt-limit.ts': ['rate-limiter-flexible', 'type:ioredis'],
      'metrics/': ['prom-client'],
      'place.ts': ['zod'],
      'render/': ['@napi-rs/canvas'],
      'render/draw-thread.ts': ['node:worker_threads'],
      'render/picture-pool.ts': ['type:node:worker_threads'],
      'signing/derive-thread.ts': ['hash-wasm', 'node:worker_threads'],
      'stores.ts': ['prisma'],
    },
  },
  // The topology outlives a manager, so it lives in Postgres; only stores.ts knows how.
  cluster: {
    house: ['kernel', 'type:prisma/manager-request-store.ts', 'type:prisma/topology-store.ts'],
    packages: ['discord-hybrid-sharding', 'prom-client', 'zod', 'node:child_process'],
    doors: {
      'main.ts': ['node:url'],
      'stores.ts': ['prisma', 'actors/ownership', 'type:ioredis'],
    },
  },
  api: {
    house: ['kernel', 'actors/protocol', 'actors/records', 'actors/client'],
    packages: ['express', 'node:crypto', 'node:http', 'node:timers/promises'],
    doors: {
      'actor-door.ts': ['actors/ownership', 'actors/transport', 'actors/runtime/database-time.ts'],
      'address-limit.ts': ['rate-limiter-flexible', 'type:ioredis'],
      'assets.ts': ['node:fs/promises', 'type:web/page/layout.ts'],
      'config.ts': ['zod'],
      'main.ts': ['prisma', 'dotenv', 'node:cluster'],
      'metrics.ts': ['prom-client'],
      'openapi/': ['zod'],
      'page-model.ts': ['type:web/page/record-page.ts'],
      'routes/description.ts': ['web/page', 'type:zod'],
      'routes/pages.ts': ['web/page'],
      'schemas/': ['zod'],
    },
  },
  sandbox: {
    house: ['kernel'],
    packages: ['ws', 'discord-api-types', 'discord-api-spec', 'zod', 'node:*'],
  },
  cli: {
    house: ['kernel', 'cluster/protocol.ts', 'cluster/wish.ts', 'actors/records', 'actors/client'],
    packages: ['node:*'],
    doors: {
      'main.ts': ['commander', 'dotenv'],
      'program.ts': ['commander'],
      'config.ts': ['zod'],
      'up/local-keys.ts': ['zod'],
      'commands/': ['type:commander', 'prisma', 'sandbox/people/client.ts'],
      // It looks at everything, and asks each part in the part's own words.
      'doctor/': ['actors/ownership/redis-connection.ts', 'prisma', 'shards/intents.ts'],
      'doctor/check-discord.ts': ['cluster/gateway-bot.ts', 'zod', 'type:discord-api-types'],
      'commands/rescale-command.ts': ['commander'],
      // Who only looks asks Redis itself; nothing of it decides.
      'commands/guild-command.ts': ['actors/ownership', 'actors/transport', 'cluster/process-status.ts'],
      'commands/status-command.ts': ['actors/ownership', 'actors/transport'],
      'status/': ['zod', 'cluster/process-status.ts', 'type:actors/transport/redis-status-board.ts', 'type:prisma/guild-facts.ts'],
      'up/house-redis.ts': ['actors/ownership'],
      'commands/tier.ts': ['actors/protocol'],
      // The same way to actors as the API's: an operator's question is a command like any other.
      'up/actor-door.ts': ['actors/ownership', 'actors/transport', 'actors/runtime/database-time.ts', 'prisma'],
      'manager/': ['type:prisma/manager-request-store.ts'],
      'manager/with-manager.ts': ['prisma'],
      'up/house.ts': ['prisma/migrate.ts'],
      // Every process' own schema: what it reads is said once.
      'every-setting.ts': ['api/config.ts', 'cluster/config.ts', 'sandbox/config.ts', 'shards/config.ts'],
      'up/last-run.ts': ['type:prisma/run-export.ts'],
      'up/run-records.ts': ['prisma/run-export.ts', 'type:prisma/prisma-client.ts'],
      'up/class-scene.ts': ['type:sandbox/people'],
      'up/panel-scene.ts': ['type:sandbox/people'],
      'up/scene.ts': ['type:sandbox/people'],
    },
  },
  web: { house: ['actors/records'], packages: ['@noble/ed25519'] },
}

const isSource = (path: string): boolean => path.endsWith('.ts') && !path.startsWith('test/')
/** Tool settings at the root and the generated client belong to no room. */
const isRoomFile = (path: string): boolean => isSource(path) && path.includes('/')

function roomOf(path: string): string | undefined {
  return Object.keys(rooms).find((room) => path.startsWith(`${room}/`))
}

interface Arrow extends Import {
  readonly file: string
  /** A path of the house, or a package name. */
  readonly target: string
}

function arrowsOf(file: string, text: string): readonly Arrow[] {
  return parseImports(text).map((found) => {
    const { specifier } = found
    if (specifier.startsWith('.')) return { ...found, file, target: posix.join(posix.dirname(file), specifier) }
    const parts = specifier.split('/')
    const isScoped = specifier.startsWith('@')
    const name = specifier.startsWith('node:') ? specifier : parts.slice(0, isScoped ? 2 : 1).join('/')
    return { ...found, file, target: name }
  })
}

/** True when the permission covers what is imported. */
function covers(permission: string, { target, isType }: Arrow): boolean {
  const typeOnly = permission.startsWith('type:')
  if (typeOnly && !isType) return false
  const allowed = typeOnly ? permission.slice('type:'.length) : permission
  if (allowed === 'node:*') return target.startsWith('node:')
  return target === allowed || target.startsWith(`${allowed}/`)
}

function doorsOf(room: Room, inRoom: string): readonly [string, readonly string[]][] {
  return Object.entries(room.doors ?? {}).filter(([door]) => inRoom.startsWith(door))
}

/** Why an import may not be, or null. */
function refuse(arrow: Arrow): string | null {
  const { file, target } = arrow
  const name = roomOf(file)
  const room = name === undefined ? undefined : rooms[name]
  if (name === undefined || room === undefined) return `${file}: belongs to no room of the table`
  if (target.startsWith(`${name}/`)) return null
  const permissions = [...room.house, ...room.packages, ...doorsOf(room, file.slice(name.length + 1)).flatMap(([, extra]) => extra)]
  return permissions.some((permission) => covers(permission, arrow))
    ? null
    : `${file} → ${target}: ${name} may not import it${arrow.isType ? '' : ' (a value)'}`
}

/** Paths that lead back to where they began, each told once. */
function findCircles(targetsOf: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const done = new Set<string>()
  const circles: string[] = []
  const walk = (node: string, path: readonly string[]): void => {
    if (path.includes(node)) circles.push([...path.slice(path.indexOf(node)), node].join(' → '))
    if (done.has(node) || path.includes(node)) return
    for (const target of targetsOf.get(node) ?? []) walk(target, [...path, node])
    done.add(node)
  }
  for (const node of targetsOf.keys()) walk(node, [])
  return circles
}

function graphOf(arrows: readonly Arrow[], nameOf: (path: string) => string | undefined): Map<string, Set<string>> {
  const graph = new Map<string, Set<string>>()
  for (const { file, target, isType } of arrows) {
    const [from, to] = [nameOf(file), nameOf(target)]
    if (isType || from === undefined || to === undefined || from === to) continue
    graph.set(from, (graph.get(from) ?? new Set()).add(to))
  }
  return graph
}

describe('the rooms of the house', () => {
  let files: readonly string[]
  let texts: ReadonlyMap<string, string>
  let arrows: readonly Arrow[]

  before(async () => {
    files = (await listHouseFiles()).filter((path) => /\.(ts|js|cjs|mjs|lua)$/.test(path))
    texts = new Map(await Promise.all(files.map(async (path) => [path, await readHouseFile(path)] as const)))
    arrows = files.filter(isRoomFile).flatMap((file) => arrowsOf(file, texts.get(file) ?? ''))
  })

  it('import only what the table allows', () => {
    expect(arrows.length).to.be.greaterThan(1_000)
    expect(arrows.map(refuse).filter((reason) => reason !== null)).to.deep.equal([])
  })

  it('have no door in the table that nobody uses', () => {
    const unused = Object.entries(rooms).flatMap(([name, room]) =>
      Object.keys(room.doors ?? {}).filter((door) => !arrows.some(({ file }) => file.startsWith(`${name}/${door}`))),
    )
    expect(unused).to.deep.equal([])
  })

  it('every TypeScript file lives in a room', () => {
    expect(files.filter(isRoomFile).filter((path) => roomOf(path) === undefined)).to.deep.equal([])
  })

  it('nobody imports test', () => {
    expect(arrows.filter(({ target }) => target.startsWith('test/')).map(({ file }) => file)).to.deep.equal([])
  })

  it('form no circle, neither of files nor of rooms', () => {
    expect(findCircles(graphOf(arrows, (path) => (path.includes('/') && path.endsWith('.ts') ? path : undefined)))).to.deep.equal([])
    expect(findCircles(graphOf(arrows, roomOf))).to.deep.equal([])
  })

  it('relative imports end in .ts and lead to a file, packages of node are named node:', () => {
    const builtin = new Set(builtinModules)
    const known = new Set(files)
    const wrong = files
      .filter((path) => path.endsWith('.ts'))
      .flatMap((file) => arrowsOf(file, texts.get(file) ?? ''))
      .filter(({ specifier, target }) =>
        specifier.startsWith('.')
          ? !/\.(ts|cjs)$/.test(specifier) || !(known.has(target) || target.startsWith('prisma/generated/'))
          : builtin.has(specifier),
      )
    expect(wrong.map(({ file, specifier }) => `${file} → ${specifier}`)).to.deep.equal([])
  })

  it('pure rooms take time and randomness as arguments', () => {
    const own = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.|\bsetTimeout\(|\bsetInterval\(|\bprocess\.(env|hrtime|pid|uptime)/
    const pure = (path: string): boolean =>
      /^actors\/(protocol|behaviours|records)\//.test(path) || /^(cluster\/(plan|next-topology|rescale-plan)|cli\/up\/run-verdict|actors\/ownership\/(slots|lease)|actors\/runtime\/(turn|batch|guild-state|low-water|slot-table|journal-entry|output-gate))\.ts$/.test(path)
    const checked = files.filter(pure)
    expect(checked.length).to.be.greaterThan(40)
    expect(checked.filter((path) => own.test(texts.get(path) ?? ''))).to.deep.equal([])
  })

  it('the actors take time from a clock that is given', () => {
    const own = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.|\bsetTimeout\(|\bsetInterval\(|\bsetImmediate\(/
    expect(files.filter((path) => path.startsWith('actors/') && own.test(texts.get(path) ?? ''))).to.deep.equal([])
  })
})

describe('the habits of the house', () => {
  let files: readonly string[]
  let texts: ReadonlyMap<string, string>

  before(async () => {
    files = (await listHouseFiles()).filter((path) => /\.(ts|js|cjs|mjs|lua|sql)$/.test(path))
    texts = new Map(await Promise.all(files.map(async (path) => [path, await readHouseFile(path)] as const)))
  })

  /** Files whose text matches, this one (which names what it forbids) left out. */
  const filesWith = (pattern: RegExp, among: (path: string) => boolean = () => true): readonly string[] =>
    files.filter((path) => path !== 'test/rooms.test.ts' && among(path) && pattern.test(texts.get(path) ?? ''))

  it('a file is named after its idea, in kebab case', () => {
    const nameless = /(^|\/)(utils?|helpers?|common|types|index|misc|shared)\.[a-z.]+$/
    const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|contract|d|config))?\.(ts|js|cjs|mjs|lua|sql)$/
    expect(files.filter((path) => nameless.test(path))).to.deep.equal([])
    expect(files.filter((path) => !kebab.test(posix.basename(path)) && !posix.basename(path).startsWith('.'))).to.deep.equal([])
  })

  it('no file passes on what another one owns', () => {
    expect(filesWith(/^export\s+(type\s+)?(\{[^}]*\}|\*(\s+as\s+\w+)?)\s+from\s/m)).to.deep.equal([])
  })

  it('nothing is exported by default but the settings of tools', () => {
    expect(filesWith(/^export default /m, (path) => path.includes('/'))).to.deep.equal([])
  })

  it('no console, no leftover, no test that is alone or left out', () => {
    expect(filesWith(/\bconsole\./)).to.deep.equal([])
    expect(filesWith(/\b(TODO|FIXME|XXX|HACK)\b/)).to.deep.equal([])
    const alone = /\b(describe|it|context)\.only\(|\bdescribe\.skip\(|^\s*it\.skip\(|\bxit\(|\bfit\(/m
    // The test of the net writes a skipped test into a file of its own.
    expect(filesWith(alone, (path) => path !== 'test/support/leaks.test.ts')).to.deep.equal([])
  })

  it('no enum, no namespace, no parameter property: the source runs as it is', () => {
    expect(filesWith(/^(export )?(const )?enum \w|^(export )?namespace \w|constructor\([^)]*\b(public|private|protected) /m)).to.deep.equal([])
  })

  it('only a main.ts ends its process', () => {
    const ends = filesWith(/\bprocess\.exit\(/, (path) => !path.startsWith('test/'))
    expect(ends.filter((path) => !/(^|\/)main\.ts$/.test(path) && !entryPrograms.includes(path))).to.deep.equal([])
  })

  it('every source file says first what it is for', () => {
    const silent = files.filter((path) => isSource(path) && path.includes('/') && !(texts.get(path) ?? '').startsWith('/**'))
    expect(silent).to.deep.equal([])
  })

  it('half of the files are shorter than 150 lines', () => {
    const lengths = files
      .filter((path) => isSource(path) && path.includes('/'))
      .map((path) => (texts.get(path) ?? '').split('\n').length)
      .sort((a, b) => a - b)
    expect(lengths[Math.floor(lengths.length / 2)]).to.be.lessThan(150)
  })
})

/** Programs of their own beside a main.ts: started as processes, never imported. */
const entryPrograms = ['cli/embedded/guardian.ts', 'cli/embedded/keep-server.ts']

describe('the table itself', () => {
  const arrow = (file: string, target: string, isType = false): Arrow => ({ file, target, specifier: target, isType })

  it('refuses what the design forbids, naming file and target', () => {
    expect(refuse(arrow('actors/behaviours/x/decide.ts', 'kernel/clock.ts'))).to.equal(
      'actors/behaviours/x/decide.ts → kernel/clock.ts: actors/behaviours may not import it (a value)',
    )
    const forbidden = [
      arrow('actors/behaviours/x/decide.ts', 'node:fs'),
      arrow('actors/behaviours/x/decide.ts', 'actors/runtime/turn.ts', true),
      arrow('actors/runtime/catalog.ts', 'prisma/journal-store.ts'),
      arrow('actors/runtime/catalog.ts', 'discord.js'),
      arrow('actors/ownership/takeover.ts', 'actors/runtime/slot-table.ts'),
      arrow('shards/reconciler.ts', 'prisma/watch-store.ts'),
      arrow('shards/main.ts', 'cluster/plan.ts'),
      arrow('api/presenter.ts', 'prisma/records-repository.ts'),
      arrow('sandbox/server.ts', 'actors/protocol/command.ts', true),
      arrow('cluster/generation.ts', 'shards/ipc.ts'),
      arrow('kernel/clock.ts', 'pino'),
      arrow('web/verify.ts', 'kernel/log.ts'),
    ]
    expect(forbidden.filter((one) => refuse(one) === null)).to.deep.equal([])
  })

  it('finds every form of import, and circles of any length', () => {
    const dynamic = 'import'
    const text = [
      "import { a,\n  b } from './one.ts'", "import type { C } from '../two.ts'", "import 'three'", "export * from './four.ts'",
      `const five = await ${dynamic}('./five.ts')`, "import six, { seven } from 'six'",
    ].join('\n')
    expect(parseImports(text).map(({ specifier, isType }) => `${specifier}${isType ? ' (type)' : ''}`)).to.have.members([
      './one.ts', '../two.ts (type)', 'three', './four.ts', './five.ts', 'six',
    ])
    const graph = new Map([['a', new Set(['b'])], ['b', new Set(['c', 'd'])], ['c', new Set(['a'])], ['d', new Set<string>()]])
    expect(findCircles(graph)).to.deep.equal(['a → b → c → a'])
  })
})
