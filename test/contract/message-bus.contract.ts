/**
 * What every MessageBus promises: a message to whoever listens to its channel now, in order, at most once.
 */
import { expect } from 'chai'
import { createDeferred } from '../support/deferred.ts'
import type { RedisMaker, RedisStores } from './redis-stores.ts'

export function describeMessageBus(name: string, maker: RedisMaker): void {
  describe(`message bus: ${name}`, () => {
    let stores: RedisStores
    beforeEach(async function () {
      this.timeout(maker.timeoutMs)
      stores = await maker.create()
    })
    afterEach(() => stores.end())

    /** Listens until `count` messages have come. */
    async function listen(channel: string, count: number): Promise<{ all: Promise<string[]>; end: () => Promise<void> }> {
      const messages: string[] = []
      const { promise, resolve } = createDeferred<string[]>()
      const subscription = await stores.bus.subscribe(channel, (message) => {
        messages.push(message)
        if (messages.length === count) resolve(messages)
      })
      return { all: promise, end: () => subscription.unsubscribe() }
    }

    it('delivers in order to everyone who listens', async () => {
      const [one, two] = await Promise.all([listen('replies', 3), listen('replies', 3)])
      for (const message of ['a', 'é \u{1F600}', 'c']) await stores.bus.publish('replies', message)
      expect(await one.all).to.deep.equal(['a', 'é \u{1F600}', 'c'])
      expect(await two.all).to.deep.equal(['a', 'é \u{1F600}', 'c'])
    })

    it('keeps channels apart', async () => {
      const here = await listen('here', 1)
      await stores.bus.publish('there', 'not for us')
      await stores.bus.publish('here', 'for us')
      expect(await here.all).to.deep.equal(['for us'])
    })

    it('loses what nobody listens to', async () => {
      await stores.bus.publish('replies', 'early')
      const late = await listen('replies', 1)
      await stores.bus.publish('replies', 'now')
      expect(await late.all).to.deep.equal(['now'])
    })

    it('stops delivering to one that unsubscribed, not to the others', async () => {
      const gone = await listen('replies', 1)
      const stays = await listen('replies', 2)
      await stores.bus.publish('replies', 'one')
      await gone.all
      await gone.end()
      await stores.bus.publish('replies', 'two')
      expect(await stays.all).to.deep.equal(['one', 'two'])
      expect(await gone.all).to.deep.equal(['one'])
    })

    it('takes a channel up again after everyone had left it', async () => {
      await (await listen('replies', 1)).end()
      const again = await listen('replies', 1)
      await stores.bus.publish('replies', 'back')
      expect(await again.all).to.deep.equal(['back'])
    })

    it('delivers to one that joined while the last other left', async () => {
      const first = await listen('replies', 1)
      const [, second] = await Promise.all([first.end(), listen('replies', 1)] as const)
      await stores.bus.publish('replies', 'mine')
      expect(await second.all).to.deep.equal(['mine'])
    })
  })
}
