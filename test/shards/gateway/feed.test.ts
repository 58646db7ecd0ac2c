/** Raw dispatches in the order Discord sends them, and the commands and moments that come of them. */
import type { GatewayDispatchPayload } from 'discord-api-types/v10'
import { expect } from 'chai'
import { GatewayFeed } from '../../../shards/gateway/feed.ts'
import type { ShardWatch } from '../../../shards/gateway/shard-watch.ts'
import { VoiceTracker } from '../../../shards/gateway/voice-tracker.ts'
import type { FeedEvent } from '../../../actors/runtime/actor-runtime.ts'
import { AssertionFailed } from '../../../kernel/assert.ts'
import { guildId } from '../../../kernel/ids.ts'
import { createListeningLog } from '../../support/listening-log.ts'
import { createManualClock } from '../../support/manual-clock.ts'

const guild = '1000'
const known = guildId(guild)

const voice = (user: string, channel: string | null, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  user_id: user, channel_id: channel, session_id: `s-${user}`, self_mute: false, mute: false, self_deaf: false, deaf: false, ...more,
})

function setUp() {
  const clock = createManualClock()
  const log = createListeningLog()
  const tracker = new VoiceTracker()
  const watch = { gap: 500 as number | null }
  const told: string[] = []
  const fed: FeedEvent[] = []
  const interactions: unknown[] = []
  const gaps = new Map<string, number>()
  const world = { breaks: null as Error | null }
  let now = 1_000
  const feed = new GatewayFeed({
    clock,
    log,
    tracker,
    watch: {
      gapSince: () => watch.gap,
      begin: (shardId: number) => {
        watch.gap = null
        told.push(`begin ${shardId}`)
      },
      resume: (shardId: number) => {
        watch.gap = null
        told.push(`resume ${shardId}`)
      },
    } as unknown as ShardWatch,
    now: () => now,
    feed: (event) => {
      if (world.breaks !== null) throw world.breaks
      fed.push(event)
    },
    onShardComplete: (shardId) => void told.push(`complete ${shardId}`),
    onGuildKnown: (id, watchedUntil) =>
      void told.push(`known ${id} since ${watchedUntil}: ${tracker.voicesOf(id).map(({ userId, bot }) => `${userId}${bot ? ' bot' : ''}`).join(' ')}`),
    gapOf: (id) => gaps.get(id) ?? null,
    onAfkChannel: () => undefined,
    onGuildLost: () => undefined,
    onInteraction: (data) => void interactions.push(data),
  })
  let seq = 0
  const send = (t: string, d: unknown, shardId = 0): void => feed.onDispatch({ op: 0, t, s: (seq += 1), d } as unknown as GatewayDispatchPayload, shardId)
  const ready = (guilds: readonly string[], shardId = 0): void =>
    send('READY', { session_id: `session-${shardId}`, guilds: guilds.map((id) => ({ id, unavailable: true })) }, shardId)
  const create = (id: string, voices: readonly object[] = [], bots: readonly string[] = []): void =>
    send('GUILD_CREATE', { id, voice_states: voices, members: bots.map((user) => ({ user: { id: user, bot: true } })) })
  return { clock, log, tracker, watch, told, fed, interactions, gaps, world, feed, send, ready, create, pass: (ms: number) => (now += ms) }
}

describe('the gateway feed: a shard becomes complete', () => {
  it('when every guild of READY was told, each with the gap before it', () => {
    const { told, ready, create, clock } = setUp()
    ready([guild, '2000'])
    create(guild, [voice('1', '10'), voice('2', '10')], ['2'])
    expect(told).to.deep.equal(['begin 0', 'known 1000 since 500: 1 2 bot'])
    create('2000')
    expect(told.slice(2)).to.deep.equal(['known 2000 since 500: ', 'complete 0'])
    expect(clock.pending()).to.equal(0)
  })

  it('at once without guilds', () => {
    const { told, ready } = setUp()
    ready([])
    expect(told).to.deep.equal(['begin 0', 'complete 0'])
  })

  it('after 15 s when a guild does not come; it is known later, unwatched all the time', () => {
    const { told, ready, create, clock, log, pass } = setUp()
    ready([guild, '2000'])
    create('2000')
    clock.advance(14_999)
    expect(told).not.to.include('complete 0')
    clock.advance(1)
    expect(told.at(-1)).to.equal('complete 0')
    expect(log.lines[0]).to.deep.include({ phrase: 'guilds were not told in time', fields: { shardId: 0, missing: 1 } })
    pass(90_000)
    create(guild)
    expect(told.at(-1)).to.equal('known 1000 since 500: ')
    expect(told.filter((one) => one === 'complete 0')).to.have.length(1)
  })

  it('an unavailable guild is not told, and a guild that was left is not waited for', () => {
    const { told, ready, send } = setUp()
    ready([guild])
    send('GUILD_CREATE', { id: guild, unavailable: true })
    expect(told).to.deep.equal(['begin 0'])
    send('GUILD_DELETE', { id: guild })
    expect(told.at(-1)).to.match(/^known 1000/)
  })

  it('a new READY begins anew, and the timer of the old one is gone', () => {
    const { told, ready, create, clock } = setUp()
    ready([guild, '2000'])
    clock.advance(10_000)
    ready([guild])
    create(guild)
    expect(told.filter((one) => one === 'complete 0')).to.have.length(1)
    expect(clock.pending()).to.equal(0)
  })

  it('stopping cancels what is waited for', () => {
    const { feed, ready, clock } = setUp()
    ready([guild])
    feed.stop()
    expect(clock.pending()).to.equal(0)
  })
})

describe('the gateway feed: voice', () => {
  const begun = () => {
    const runtime = setUp()
    runtime.ready([guild])
    runtime.create(guild)
    return runtime
  }
  const update = (user: string, channel: string | null, more: Record<string, unknown> = {}) => ({ ...voice(user, channel), guild_id: guild, ...more })

  it('a change becomes an observation, known by session and number, dated at its receipt', () => {
    const { fed, send, tracker, pass } = begun()
    pass(234)
    send('VOICE_STATE_UPDATE', update('7', '10', { member: { user: { id: '7', bot: false } } }))
    expect(fed).to.have.length(1)
    expect(fed[0]).to.deep.include({ guildId: guild, session: 'session-0', seq: 3, receivedAt: 1_234 })
    expect(fed[0]?.command).to.deep.include({ feature: 'voice-attendance', kind: 'observe-voice' })
    expect(fed[0]?.command).not.to.have.property('unobservedSince')
    expect(tracker.voicesOf(known).map(({ userId, channelId }) => [userId, channelId])).to.deep.equal([['7', '10']])
    send('VOICE_STATE_UPDATE', update('7', null))
    expect(tracker.voicesOf(known)).to.deep.equal([])
    expect(fed).to.have.length(2)
  })

  it('a bot is told as a bot', () => {
    const { fed, send } = begun()
    send('VOICE_STATE_UPDATE', update('7', '10', { member: { user: { id: '7', bot: true } } }))
    expect(fed[0]?.command).to.have.nested.property('voice.bot', true)
  })

  it('a change that is replayed before RESUMED carries since when nobody watched; after it, none', () => {
    const { fed, send, watch } = begun()
    watch.gap = 800
    send('VOICE_STATE_UPDATE', update('7', '10'))
    send('RESUMED', {})
    send('VOICE_STATE_UPDATE', update('7', '11'))
    expect(fed.map(({ command }) => (command as { unobservedSince?: number }).unobservedSince)).to.deep.equal([800, undefined])
  })

  it('a change in a guild whose actor was not yet told of its gap carries that gap', () => {
    const { fed, send, gaps } = begun()
    gaps.set(guild, 650)
    send('VOICE_STATE_UPDATE', update('7', '10'))
    expect(fed[0]?.command).to.have.property('unobservedSince', 650)
  })

  it('what comes from no guild, or before READY, is left alone', () => {
    const { fed, send } = setUp()
    send('VOICE_STATE_UPDATE', update('7', '10'))
    expect(fed).to.deep.equal([])
    const later = begun()
    later.send('VOICE_STATE_UPDATE', { ...voice('7', '10') })
    later.send('VOICE_STATE_UPDATE', update('7', 'not a channel'))
    expect(later.fed).to.deep.equal([])
  })
})

describe('the gateway feed: outages and leaving', () => {
  it('a guild in an outage is unwatched from its beginning, however often it is told', () => {
    const { told, send, ready, create, pass } = setUp()
    ready([guild])
    create(guild)
    pass(100)
    send('GUILD_DELETE', { id: guild, unavailable: true })
    pass(100)
    send('GUILD_DELETE', { id: guild, unavailable: true })
    pass(100)
    create(guild)
    expect(told.at(-1)).to.equal('known 1000 since 1100: ')
    pass(100)
    create(guild)
    expect(told.at(-1), 'the outage is over').to.equal('known 1000 since 1400: ')
  })

  it('being thrown out empties the guild and forgets it', () => {
    const { told, send, ready, create, tracker } = setUp()
    ready([guild])
    create(guild, [voice('1', '10')])
    send('GUILD_DELETE', { id: guild })
    expect(told.at(-1)).to.equal('known 1000 since 1000: ')
    expect(tracker.guildCount).to.equal(0)
  })
})

describe('the gateway feed: members', () => {
  it('who leaves or changes roles is told; bots, and what comes before READY, are not', () => {
    const { fed, ready, create, send } = setUp()
    send('GUILD_MEMBER_REMOVE', { guild_id: guild, user: { id: '7' } })
    ready([guild])
    create(guild)
    send('GUILD_MEMBER_UPDATE', { guild_id: guild, user: { id: '7' }, roles: ['8', 'odd'] })
    send('GUILD_MEMBER_REMOVE', { guild_id: guild, user: { id: '7' } })
    send('GUILD_MEMBER_REMOVE', { guild_id: guild, user: { id: '9', bot: true } })
    expect(fed.map(({ command }) => command)).to.deep.equal([
      { feature: 'role-panels', kind: 'observe-member', userId: '7', roles: ['8'] },
      { feature: 'role-panels', kind: 'observe-member', userId: '7', roles: null },
    ])
  })
})

describe('the gateway feed: whatever comes', () => {
  it('interactions are handed on as they are', () => {
    const { interactions, send } = setUp()
    send('INTERACTION_CREATE', { id: '5' })
    expect(interactions).to.deep.equal([{ id: '5' }])
  })

  it('one odd dispatch does not stop the gateway', () => {
    const { log, send, ready, create, told } = setUp()
    for (const [event, data] of [['READY', {}], ['GUILD_CREATE', { id: guild }], ['GUILD_CREATE', {}], ['GUILD_DELETE', null], ['VOICE_STATE_UPDATE', { guild_id: guild }], ['VOICE_STATE_UPDATE', null], ['UNHEARD_OF', null]] as const) {
      send(event, data)
    }
    expect(log.lines.every(({ phrase }) => phrase === 'dispatch is not understood')).to.equal(true)
    ready([guild])
    create(guild)
    expect(told.at(-1)).to.equal('complete 0')
  })

  it('a bug of ours behind it is not hidden', () => {
    const { send, ready, create, world } = setUp()
    ready([guild])
    create(guild)
    world.breaks = new AssertionFailed('I2: dense')
    expect(() => send('VOICE_STATE_UPDATE', { ...voice('7', '10'), guild_id: guild })).to.throw('I2')
  })
})
