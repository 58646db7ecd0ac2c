/**
 * From a seed to a plan. Each seed has its own mixture: a few kinds of faults, often or seldom, in good or bad weather,
 * because everything at once hides what two things can do.
 */
import { guildId as toGuildId } from '../../kernel/ids.ts'
import type { GuildId, Slot } from '../../kernel/ids.ts'
import { slotOf } from '../../actors/ownership/slots.ts'
import { drawWeather } from './fate.ts'
import type { Action, AimedStrike, DispatchedEvent, Fault, Plan, RescalePlan } from './plan.ts'
import type { Random } from './random.ts'
import { createRandom } from './random.ts'

const faultKinds = [
  'crash',
  'pause',
  'stop',
  'outage',
  'cut-off',
  'flush',
  'early-expiry',
  'clock-step',
  'handoff',
  'spoil-snapshot',
  'doze',
  'crawl',
  'late',
  'aimed',
] as const

/** Where an aimed fault may strike, and where it is worth striking more often. */
const aims: readonly (readonly [operation: string, weight: number])[] = [
  ['commit', 8],
  ['fenceSelf', 3],
  ['takeSlots', 3],
  ['loadCursors', 1],
  ['loadGuilds', 2],
  ['findOpResults', 2],
  ['readSlots', 2],
  ['renewLease', 5],
  ['liveness', 1],
  ['add', 2],
  ['publish', 2],
  ['read', 1],
  ['trim', 1],
  ['writeDirectory', 1],
]

const strikes: readonly AimedStrike[] = [
  'lose-request',
  'lose-answer',
  'lose-answer',
  'run-later',
  'run-later',
  'delay',
  'crash-sent',
  'crash-done',
  'crash-late',
  'crash-late',
  'pause-sent',
  'pause-done',
]

const hourMs = 3_600_000

export function drawPlan(seed: number): Plan {
  const shape = createRandom(seed, 'shape')
  const firstProcesses = shape.integer(2, 4)
  const apiProcesses = shape.integer(1, 2)
  const slotCount = shape.integer(2, 4)
  const firstSlot = shape.integer(0, 100)
  const slots = Array.from({ length: slotCount }, (_, index) => (firstSlot + index * shape.integer(1, 60)) as Slot)
  const distinct = [...new Set(slots)]
  const guilds = distinct.flatMap((slot) =>
    Array.from({ length: shape.integer(1, 2) }, (_, index) => guildOf(slot, index)),
  )
  const horizonMs = shape.integer(4_000, 10_000)
  const rescale = drawRescale(createRandom(seed, 'rescale'), { firstProcesses, horizonMs })
  const actorProcesses = firstProcesses + (rescale?.processes.length ?? 0)
  const plan = { seed, actorProcesses, apiProcesses, guilds, slots: distinct, horizonMs, rescale }
  const feeds = createRandom(seed, 'feeds')
  // A switch of feeds is told from a plain reconcile where nothing else goes wrong.
  const isQuiet = rescale !== null && feeds.chance(0.5)
  return {
    ...plan,
    weather: drawWeather(createRandom(seed, 'weather')),
    faults: isQuiet ? [] : drawFaults(createRandom(seed, 'faults'), plan),
    actions: [...drawActions(createRandom(seed, 'actions'), plan), ...drawVoices(createRandom(seed, 'voices'), plan)].sort((a, b) => a.atMs - b.atMs),
    feedLagMs: Array.from({ length: actorProcesses }, () => feeds.between(0, feeds.pick([2, 40, 300]))),
    heldChangesMax: feeds.chance(0.1) ? feeds.integer(1, 3) : 10_000,
  }
}

/** In a quarter of the seeds. */
function drawRescale(random: Random, { firstProcesses, horizonMs }: { readonly firstProcesses: number; readonly horizonMs: number }): RescalePlan | null {
  if (!random.chance(0.25)) return null
  const atMs = random.between(600, horizonMs / 2)
  const processes = Array.from({ length: random.integer(1, 3) }, (_, index) => firstProcesses + index)
  const isAborted = random.chance(0.4)
  const deaths = random.chance(0.4) ? Array.from({ length: random.integer(1, 2) }, () => drawDeath(random)) : []
  return {
    atMs,
    processes,
    isOneByOne: random.chance(0.4),
    abort: isAborted ? { phase: random.pick(['prepare', 'switch', 'switch']), afterMs: random.between(0, random.pick([60, 400, 2_000])) } : null,
    isTriedAgain: random.chance(0.4),
    deaths,
  }
}

function drawDeath(random: Random): RescalePlan['deaths'][number] {
  const phase = random.pick(['prepare', 'switch', 'switch', 'retire', 'aborting', 'undoing'] as const)
  return { phase, afterMs: random.between(0, random.pick([20, 200, 1_000])), downMs: random.between(20, 1_500), nextLife: random.pick(['on', 'back']) }
}

/** The n-th guild of a slot, made in 2020. */
function guildOf(slot: Slot, index: number): GuildId {
  const base = 170_000_000_000n - (170_000_000_000n % 384n)
  const id = toGuildId(((base + BigInt(slot) + 384n * BigInt(index)) << 22n).toString())
  if (slotOf(id) !== slot) throw new Error(`guild ${id} is not in slot ${slot}`)
  return id
}

type Shape = Omit<Plan, 'weather' | 'faults' | 'actions' | 'feedLagMs' | 'heldChangesMax'>

function drawFaults(random: Random, plan: Shape): Fault[] {
  // One thing in a calm world: what must come back soon is seen to come back soon.
  if (random.chance(0.15)) return [drawFault(random, plan, random.pick(['crash', 'crash', 'pause', 'stop', 'flush', 'handoff', 'outage', 'aimed']))]
  const kinds: (typeof faultKinds)[number][] = faultKinds.filter(() => random.chance(0.3))
  // Aimed faults strike where it hurts: more of them, and in more seeds.
  if (random.chance(0.5)) kinds.push('aimed', 'aimed', 'aimed')
  if (kinds.length === 0) return []
  const count = random.integer(1, random.pick([4, 10, 24]))
  const faults = Array.from({ length: count }, () => drawFault(random, plan, random.pick(kinds)))
  return faults.sort((a, b) => a.atMs - b.atMs)
}

function drawFault(random: Random, plan: Shape, kind: (typeof faultKinds)[number]): Fault {
  const atMs = random.between(300, plan.horizonMs)
  const anyone = (): number => random.integer(0, plan.actorProcesses + plan.apiProcesses - 1)
  const actor = (): number => random.integer(0, plan.actorProcesses - 1)
  switch (kind) {
    case 'crash':
      return { kind, atMs, process: anyone(), downMs: random.between(20, 4_000), isSeen: random.chance(0.5) }
    case 'pause':
      return { kind, atMs, process: anyone(), forMs: drawPause(random) }
    case 'stop':
      return { kind, atMs, process: actor(), downMs: random.between(20, 2_000) }
    case 'outage': {
      const server = random.pick(['postgres', 'redis'] as const)
      const isEmptied = server === 'redis' && random.chance(0.6)
      return { kind, atMs, server, forMs: random.between(20, random.pick([300, 4_500])), isEmptied }
    }
    case 'cut-off': {
      const server = random.pick(['postgres', 'redis'] as const)
      return { kind, atMs, server, process: anyone(), forMs: random.between(50, random.pick([1_000, 6_000])) }
    }
    case 'flush':
      return { kind, atMs }
    case 'early-expiry':
      return { kind, atMs, process: actor() }
    case 'clock-step': {
      const machine = random.pick([anyone(), 'postgres', 'redis'] as const)
      return { kind, atMs, machine, byMs: random.pick([-hourMs, hourMs, random.integer(-5_000, 5_000)]) }
    }
    case 'handoff':
      return { kind, atMs, process: actor(), slot: random.pick(plan.slots) }
    case 'spoil-snapshot':
      return { kind, atMs, guildId: random.pick(plan.guilds) }
    case 'doze': {
      // Over the end of its lease, with an answer on the way that it will believe when it wakes.
      const operation = random.pick(['renewLease', 'renewLease', 'commit', 'takeSlots', 'readSlots', 'liveness'])
      return { kind: 'aimed', atMs, process: actor(), operation, strike: 'pause-done', forMs: random.between(3_200, 5_500) }
    }
    case 'crawl': {
      // A statement that hangs while others find its sender slow, dead or gone.
      const operation = random.pick(['readSlots', 'readSlots', 'takeSlots', 'fenceSelf', 'loadCursors', 'loadGuilds', 'findOpResults', 'commit'])
      return { kind: 'aimed', atMs, process: actor(), operation, strike: 'delay', forMs: random.between(500, 4_900) }
    }
    case 'late':
      return { kind: 'aimed', atMs, process: actor(), operation: 'commit', strike: 'crash-late', forMs: random.between(0, 25) }
    case 'aimed': {
      const strike = random.pick(strikes)
      // A lease must end during a pause for the pause to be of interest where leases and fences are concerned.
      const isLong = strike.startsWith('pause') && random.chance(0.5)
      const forMs = isLong ? random.between(3_200, 6_000) : drawPause(random)
      return { kind, atMs, process: actor(), operation: drawAim(random), strike, forMs }
    }
  }
}

/** A slow event loop, a bad collection, or a stop over one or several leases. */
function drawPause(random: Random): number {
  return random.between(5, random.pick([60, 800, 3_500, 7_000]))
}

function drawAim(random: Random): string {
  const total = aims.reduce((sum, [, weight]) => sum + weight, 0)
  let left = random.next() * total
  for (const [operation, weight] of aims) {
    left -= weight
    if (left < 0) return operation
  }
  return 'commit'
}

function drawActions(random: Random, plan: Shape): Action[] {
  const actions: Action[] = plan.guilds.map((guildId) => ({
    kind: 'ask',
    atMs: random.between(0, 200),
    via: random.integer(0, plan.actorProcesses - 1),
    guildId,
    command: { kind: 'track-all' },
    deadlineMs: null,
    isDoubled: false,
  }))
  const mischief = random.chance(0.3) ? 0.04 : 0
  const bursts = random.integer(8, 30)
  for (let burst = 0; burst < bursts; burst += 1) {
    const atMs = random.between(0, plan.horizonMs)
    const size = random.pick([1, 1, 2, 5, 12])
    // Some bursts are for one guild through one door: turns that share a batch, and a bug among them.
    const isHot = random.chance(0.3)
    const guildId = random.pick(plan.guilds)
    const via = random.integer(0, plan.actorProcesses - 1)
    for (let index = 0; index < size; index += 1) {
      const number = actions.length
      const spread = atMs + random.between(0, isHot ? 8 : 3)
      const action = drawAction(random, plan, { atMs: spread, number, mischief: isHot ? mischief * 4 : mischief })
      actions.push(isHot && action.kind === 'ask' ? { ...action, guildId, via } : action)
    }
  }
  return actions.sort((a, b) => a.atMs - b.atMs)
}

/** While slots change hands members come, move and go: what is heard by two, by one, or by nobody just then. */
function drawVoices(random: Random, { rescale, guilds }: Shape): Action[] {
  if (rescale === null) return []
  return Array.from({ length: random.integer(10, 50) }, (_, index): Action => ({
    kind: 'dispatch',
    atMs: rescale.atMs + random.between(500, 4_000),
    guildId: random.pick(guilds),
    what: drawVoice(random),
    isReplayed: index % 10 === 0,
  }))
}

function drawAction(
  random: Random,
  plan: Shape,
  { atMs, number, mischief }: { readonly atMs: number; readonly number: number; readonly mischief: number },
): Action {
  const guildId = random.pick(plan.guilds)
  if (random.chance(0.25)) {
    return { kind: 'dispatch', atMs, guildId, what: drawDispatch(random, number), isReplayed: random.chance(0.2) }
  }
  const isLocal = random.chance(0.5)
  const via = isLocal
    ? random.integer(0, plan.actorProcesses - 1)
    : plan.actorProcesses + random.integer(0, plan.apiProcesses - 1)
  const deadlineMs = isLocal && random.chance(0.7) ? null : random.between(300, 6_000)
  const isDoubled = random.chance(0.08)
  return { kind: 'ask', atMs, via, guildId, command: drawCommand(random, number, mischief), deadlineMs, isDoubled }
}

function drawCommand(random: Random, number: number, mischief: number): Extract<Action, { kind: 'ask' }>['command'] {
  const value = `v${number}`
  if (random.chance(mischief)) {
    return { feature: 'ledger', kind: random.pick(['throw-deciding', 'throw-evolving', 'poison-row'] as const), value }
  }
  const roll = random.next()
  if (roll < 0.5) return { feature: 'ledger', kind: 'append', value, posts: random.chance(0.2) }
  if (roll < 0.85) return { feature: 'ledger', kind: 'read' }
  if (roll < 0.95) return { feature: 'ledger', kind: 'set-alarm', purpose: `p${random.integer(0, 2)}`, inMs: random.integer(1, 4_000) }
  return { kind: 'read-board' }
}

function drawDispatch(random: Random, number: number): DispatchedEvent {
  return random.chance(0.5) ? { kind: 'note', value: `v${number}` } : drawVoice(random)
}

function drawVoice(random: Random): DispatchedEvent {
  const channel = random.chance(0.35) ? null : random.integer(1, 2)
  return { kind: 'voice', user: random.integer(1, 3), channel, isMuted: random.chance(0.3) }
}
