/**
 * The front door by a manual clock: within Discord's three seconds every interaction has its answer or its deferral, and
 * whatever happens behind it a person reads a sentence.
 */
import { expect } from 'chai'
import { InteractionResponseType, InteractionType, MessageFlags } from 'discord-api-types/v10'
import { createDiscordTime } from '../../../shards/attendance/discord-time.ts'
import type { Outcome } from '../../../actors/protocol/command.ts'
import { limits } from '../../../kernel/limits.ts'
import { snowflakeAt } from '../../../kernel/ids.ts'
import type { Answer, InteractionContext, MessageAnswer, SlashCommand } from '../../../shards/commands/slash-command.ts'
import { answeredByOwner } from '../../../shards/panels/answer-waiters.ts'
import { FrontDoor } from '../../../shards/interactions/front-door.ts'
import type { FrontDoorDeps } from '../../../shards/interactions/front-door.ts'
import { createDeferred } from '../../support/deferred.ts'
import { createListeningLog } from '../../support/listening-log.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { settle } from '../../support/settle.ts'
import { look } from '../../support/tally.ts'

const guild = '1142857142857142857'

function setUp(answer: (context: InteractionContext) => Answer = () => ({ content: 'hello' }), offer?: SlashCommand['offer'], more: Partial<SlashCommand> = {}) {
  const clock = createManualClock()
  const log = createListeningLog()
  const said: { readonly what: string; readonly atMs: number; readonly type?: number; readonly data?: MessageAnswer }[] = []
  const asked: Parameters<FrontDoorDeps['ask']>[0][] = []
  const world = { discord: 'well' as 'well' | 'refuses' | 'was answered' | 'was deferred', isAnswered: false, outcome: { status: 'refused', reason: 'busy' } as Outcome }
  const tell = (what: string, more: object): Promise<void> => {
    said.push({ what, atMs: clock.monotonicMs(), ...more })
    if (world.discord === 'was answered') return Promise.reject(Object.assign(new Error('Interaction has already been acknowledged.'), { code: 40_060 }))
    return world.discord === 'refuses' ? Promise.reject(new Error('Unknown interaction')) : Promise.resolve()
  }
  const command = { definition: { name: 'greet', description: 'x' }, answer, offer, ...more } as unknown as SlashCommand
  const door = new FrontDoor({
    clock,
    log,
    commands: [command],
    components: [],
    process: {} as never,
    signing: {} as never,
    attendance: { discordTime: createDiscordTime() } as never,
    voice: undefined as never, records: {} as never, panels: {} as never,
    responder: {
      async respond(_, type, data) {
        await tell('respond', { type, ...(data === undefined ? {} : { data }) })
        return world.discord === 'was deferred' ? 'acknowledged before' : 'acknowledged'
      },
      isAnswered: () => Promise.resolve(world.isAnswered),
      openModal: (_, modal) => tell('modal', { data: modal }),
      editOriginal: (_, data) => tell('edit', { data }),
      offer: (_, choices) => tell('offer', { choices }),
    },
    now: () => clock.wallMs(),
    ask(question) {
      asked.push(question)
      return Promise.resolve(world.outcome)
    },
  } as FrontDoorDeps)
  let made = 0
  const interaction = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
    id: snowflakeAt(clock.wallMs(), (made += 1)), application_id: '1', token: 't', type: InteractionType.ApplicationCommand, guild_id: guild,
    data: { type: 1, id: '5', name: 'greet' }, member: { user: { id: '42' }, permissions: '0' }, ...more,
  })
  const come = async (more?: Record<string, unknown>): Promise<void> => {
    door.onInteraction(interaction(more))
    await settle()
  }
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms)
    await settle()
  }
  return { clock, log, said, asked, world, door, come, pass }
}

const message = InteractionResponseType.ChannelMessageWithSource
const deferral = InteractionResponseType.DeferredChannelMessageWithSource

describe('the front door: in time', () => {
  it('a quick answer is the acknowledgement, and no timer is left', async () => {
    const { said, clock, come, door } = setUp()
    await come()
    expect(said).to.deep.equal([{ what: 'respond', atMs: 0, type: message, data: { content: 'hello' } }])
    expect(clock.pending()).to.equal(0)
    await door.whenIdle()
  })

  it('an answer just before 1.5 s still is; at 1.5 s it is deferred, and the answer edits the deferral', async () => {
    for (const [tookMs, expected] of [[1_499, ['respond']], [1_500, ['respond', 'edit']]] as const) {
      const answer = createDeferred<MessageAnswer>()
      const { said, come, pass } = setUp(() => answer.promise)
      await come()
      await pass(tookMs)
      answer.resolve({ content: 'late' })
      await settle()
      expect(said.map(({ what }) => what), `${tookMs} ms`).to.deep.equal(expected)
      expect(said[0]?.type).to.equal(tookMs < 1_500 ? message : deferral)
      if (tookMs >= 1_500) expect(said[0]?.data).to.deep.equal({ flags: MessageFlags.Ephemeral })
      expect(said.at(-1)?.data).to.deep.equal({ content: 'late' })
    }
  })

  it('the time it took to come here counts: its age is in its id', async () => {
    const answer = createDeferred<MessageAnswer>()
    const { said, come, pass, clock } = setUp(() => answer.promise)
    await come({ id: snowflakeAt(clock.wallMs() - 1_200) })
    await pass(299)
    expect(said).to.deep.equal([])
    await pass(1)
    expect(said.map(({ type, atMs }) => [type, atMs])).to.deep.equal([[deferral, 300]])
    answer.resolve({ content: 'x' })
    await settle()
  })

  it('one that comes late itself is given a quarter of a second, as long as its three seconds have room for it', async () => {
    for (const [ageMs, patienceMs] of [[1_300, 250], [2_000, 250], [2_400, 100], [2_600, 1]] as const) {
      const answer = createDeferred<MessageAnswer>()
      const { said, come, pass, clock } = setUp(() => answer.promise)
      await come({ id: snowflakeAt(clock.wallMs() - ageMs) })
      await pass(patienceMs - 1)
      expect(said, `${ageMs} ms`).to.deep.equal([])
      await pass(1)
      expect(said.map(({ type }) => type)).to.deep.equal([deferral])
      answer.resolve({ content: 'x' })
      await settle()
    }
  })

  it('one that is past its three seconds is decided and not answered; a clock that is off makes none old', async () => {
    let decided = 0
    const { said, come, pass, clock } = setUp(() => Promise.resolve({ content: `decided ${(decided += 1)}` }))
    // Five seconds behind Discord's clock, or slow from the first one on: that is what is usual here.
    await come({ id: snowflakeAt(clock.wallMs() - 5_000, 1) })
    await come({ id: snowflakeAt(clock.wallMs() - 8_200, 2) })
    expect(said.map(({ data }) => data?.content)).to.deep.equal(['decided 1', 'decided 2'])
    await come({ id: snowflakeAt(clock.wallMs() - 8_300, 3) })
    await pass(10)
    expect([decided, said.length]).to.deep.equal([3, 2])
  })

  it('a command that may wait lets the quick go first where it reached us late; its time is that of its receipt', async () => {
    const order: string[] = []
    const { said, come, pass, clock, door } = setUp(({ receivedAt }) => {
      order.push(`${clock.wallMs() - receivedAt} ms later`)
      return Promise.resolve({ content: 'decided' })
    }, undefined, { mayWait: true })
    await come()
    await come({ id: snowflakeAt(clock.wallMs() - 1_600, 7) })
    await come({ id: snowflakeAt(clock.wallMs(), 8) })
    expect(order).to.deep.equal(['0 ms later', '0 ms later'])
    await pass(20)
    expect(order).to.deep.equal(['0 ms later', '0 ms later', '20 ms later'])
    expect(said).to.have.length(3)
    await come({ id: snowflakeAt(clock.wallMs() - 1_600, 9) })
    await door.whenIdle()
    expect(said).to.have.length(4)
  })

  it('one that came too old is deferred at once, and one from the future is no trouble', async () => {
    const answer = createDeferred<MessageAnswer>()
    const { said, come, pass, clock } = setUp(() => answer.promise)
    await come({ id: snowflakeAt(clock.wallMs() - 60_000) })
    await pass(1)
    expect(said.map(({ type }) => type)).to.deep.equal([deferral])
    await come({ id: snowflakeAt(clock.wallMs() + 60_000) })
    await pass(1_500)
    expect(said).to.have.length(2)
    answer.resolve({ content: 'x' })
    await settle()
  })

  it('nobody waits past three seconds, whatever the command does', async () => {
    const { said, come, pass, door } = setUp(() => new Promise(() => undefined))
    await come()
    for (let passed = 0; passed < 3_000; passed += 100) await pass(100)
    expect(said).to.have.length(1)
    expect(said[0]?.atMs).to.be.at.most(1_500)
    let idle = false
    void door.whenIdle().then(() => (idle = true))
    await settle()
    expect(idle, 'it is still owed its answer').to.equal(false)
  })

  it('a modal is opened at once and never after a deferral', async () => {
    const modal = { custom_id: 'a:b:1', title: 'T', components: [] }
    const { said, come, clock } = setUp(() => ({ modal }))
    await come()
    expect(said.map(({ what, data }) => [what, data])).to.deep.equal([['modal', modal]])
    expect(clock.pending()).to.equal(0)
  })
})

describe('the front door: when something goes wrong', () => {
  const failing: Readonly<Record<string, (context: InteractionContext) => Answer>> = {
    'throws': () => {
      throw new Error('boom: secret internals')
    },
    'rejects': () => Promise.reject(new Error('boom: secret internals')),
  }
  for (const [how, answer] of Object.entries(failing)) {
    it(`a command that ${how} gives a sentence, and the reason goes to the log alone`, async () => {
      const { said, log, come } = setUp(answer)
      await come()
      expect(said).to.have.length(1)
      expect(said[0]?.data?.content).to.match(/fault in Muster/)
      expect(JSON.stringify(said)).not.to.contain('boom')
      expect(log.saw('command failed')).to.equal(true)
    })
  }

  it('one that rejects after the deferral gives its sentence there', async () => {
    const answer = createDeferred<MessageAnswer>()
    const { said, come, pass } = setUp(() => answer.promise)
    await come()
    await pass(1_500)
    answer.reject(new Error('boom'))
    await settle()
    expect(said.map(({ what }) => what)).to.deep.equal(['respond', 'edit'])
    expect(said[1]?.data?.content).to.match(/fault in Muster/)
  })

  it('a command that is not known any more says what to do', async () => {
    const { said, come } = setUp()
    await come({ data: { type: 1, id: '5', name: 'gone' } })
    expect(said[0]?.data?.content).to.match(/not known here any more.*Reload/)
    await come({ guild_id: undefined })
    expect(said[1]?.data?.content).to.match(/not known here/)
  })

  it('what Discord refuses is told to the log and troubles nobody else', async () => {
    const { log, world, come, door } = setUp()
    world.discord = 'refuses'
    await come()
    expect(log.saw('interaction could not be answered')).to.equal(true)
    await door.whenIdle()
  })

  it('odd interactions never throw and never reject', async () => {
    const { come, door, said } = setUp()
    for (const odd of [{ type: 99 }, { type: 2, data: { type: 3 } }]) await come(odd)
    expect(said, 'not for us').to.deep.equal([])
    for (const odd of [{ id: 'no snowflake' }, { id: '' }, { member: undefined }]) await come(odd)
    expect(said).to.have.length(3)
    await door.whenIdle()
  })
})

describe('the front door: what comes twice', () => {
  it('is answered once: the second delivery of an interaction is passed over', async () => {
    const { said, come, clock } = setUp()
    const id = snowflakeAt(clock.wallMs())
    await come({ id })
    await come({ id })
    expect(said).to.have.length(1)
    await come()
    expect(said).to.have.length(2)
  })
})

describe('the front door: answered by somebody else', () => {
  it('what another process of a rescale acknowledged before is no trouble, and is not edited', async () => {
    const { said, log, come, door, world, pass } = setUp(() => new Promise(() => undefined))
    world.discord = 'was answered'
    await come()
    await pass(1_500)
    expect(said.map(({ what }) => what)).to.deep.equal(['respond'])
    expect(log.saw('interaction was answered by another process')).to.equal(true)
    expect(log.saw('interaction could not be answered')).to.equal(false)
    await door.whenIdle()
  })

  it('a deferral that stood there before is edited while it waits, and left alone once it is answered', async () => {
    for (const [isAnswered, expected] of [[false, ['respond', 'edit']], [true, ['respond']]] as const) {
      const answer = createDeferred<MessageAnswer>()
      const { said, log, come, door, world, pass } = setUp(() => answer.promise)
      Object.assign(world, { discord: 'was deferred', isAnswered })
      await come()
      await pass(1_500)
      answer.resolve({ content: 'try again' })
      await settle()
      expect(said.map(({ what }) => what)).to.deep.equal(expected)
      expect(log.saw('interaction was answered by another process')).to.equal(isAnswered)
      await door.whenIdle()
    }
  })

  it('what the owner of the guild will answer is deferred, at once where it is known to be slow, and not edited', async () => {
    const { said, come, clock, door } = setUp(({ expectSlow }) => {
      expectSlow()
      return Promise.resolve(answeredByOwner)
    })
    await come()
    expect(said.map(({ type }) => type)).to.deep.equal([deferral])
    expect(clock.pending()).to.equal(0)
    await door.whenIdle()
  })

  it('what is known to take minutes is told in words at once, and they are edited when it is done', async () => {
    for (const discord of ['well', 'was answered'] as const) {
      const done = createDeferred<MessageAnswer>()
      const { said, come, clock, door, world, log } = setUp(({ expectSlow }) => {
        expectSlow({ content: 'in five minutes' })
        return done.promise
      })
      world.discord = discord
      await come()
      expect(said.map(({ what, type, data }) => [what, type, data?.content])).to.deep.equal([['respond', message, 'in five minutes']])
      expect(clock.pending()).to.equal(0)
      world.discord = 'well'
      done.resolve({ content: 'done' })
      await door.whenIdle()
      expect(said.slice(1).map(({ what, data }) => [what, data?.content]), 'also where the answer to the first was lost').to.deep.equal([['edit', 'done']])
      expect(log.saw('interaction could not be answered')).to.equal(false)
    }
  })

  it('words for the meantime that Discord refuses are told to the log', async () => {
    const { come, door, world, log } = setUp(({ expectSlow }) => {
      expectSlow({ content: 'in five minutes' })
      return Promise.resolve({ content: 'done' })
    })
    world.discord = 'refuses'
    await come()
    await door.whenIdle()
    expect(log.saw('interaction could not be answered')).to.equal(true)
  })

  it('choices are offered while somebody types, and where that fails nothing is said', async () => {
    const choices = [{ name: 'a', value: 'a' }]
    for (const [offer, expected] of [[() => Promise.resolve(choices), ['offer']], [() => Promise.reject(new Error('boom')), []]] as const) {
      const { said, come, door } = setUp(() => ({ content: 'x' }), offer)
      await come({ type: InteractionType.ApplicationCommandAutocomplete })
      expect(said.map(({ what }) => what)).to.deep.equal(expected)
      await door.whenIdle()
    }
  })
})

describe('the front door: asking', () => {
  it('asks under the interaction’s own id, so that a redelivered one takes effect once (I4)', async () => {
    const { asked, come, clock } = setUp(async ({ ask }) => {
      await ask(look)
      await ask(look, 'second')
      return { content: 'done' }
    })
    const id = snowflakeAt(clock.wallMs())
    await come({ id })
    expect(asked.map(({ opId }) => opId)).to.deep.equal([id, `${id}/second`])
    expect(asked[0]).to.deep.include({ guildId: guild, command: look, receivedAt: clock.wallMs(), deadlineAt: clock.wallMs() + 30_000 })
    expect(30_000, 'results are kept longer than anybody asks').to.be.lessThan(limits.opResultTtlMs)
  })
})
