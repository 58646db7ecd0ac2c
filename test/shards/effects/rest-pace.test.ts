/** Who may ask Discord next, by a manual clock: importance, buckets, the share of a process, and who gives up. */
import { expect } from 'chai'
import type { PaceClass } from '../../../shards/effects/rest-pace.ts'
import { RestPace } from '../../../shards/effects/rest-pace.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { settle } from '../../support/settle.ts'

function setUp(requestsPerSecond = 24) {
  const clock = createManualClock()
  const pace = new RestPace({ clock }, { requestsPerSecond })
  const gone: { readonly name: string; readonly atMs: number }[] = []
  const ask = (name: string, paceClass: PaceClass, kind: 'roles' | 'posts', id = 'a', signal = new AbortController().signal): Promise<void> =>
    pace.admit(paceClass, { kind, id }, signal).then(
      () => void gone.push({ name, atMs: clock.monotonicMs() }),
      () => void gone.push({ name: `${name} gave up`, atMs: clock.monotonicMs() }),
    )
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 10) {
      clock.advance(10)
      await settle()
    }
  }
  return { clock, pace, gone, ask, pass }
}

describe('the pace of REST', () => {
  it('a bucket of ten in ten seconds: the eleventh waits for the window, others of another server do not', async () => {
    const { gone, ask, pass } = setUp(1_000)
    for (let index = 0; index < 12; index += 1) void ask(`a${index}`, 'role', 'roles', 'a')
    for (let index = 0; index < 10; index += 1) void ask(`b${index}`, 'role', 'roles', 'b')
    await pass(200)
    expect(gone.filter(({ name }) => name.startsWith('a'))).to.have.length(10)
    expect(gone.filter(({ name }) => name.startsWith('b'))).to.have.length(10)
    await pass(9_900)
    expect(gone).to.have.length(20)
    await pass(200)
    expect(gone.slice(20).map(({ name }) => name)).to.deep.equal(['a10', 'a11'])
  })

  it('roles before codes before messages before audits, each in order', async () => {
    const { gone, ask, pass } = setUp(10)
    for (const [name, paceClass] of [['x', 'audit'], ['x', 'audit'], ['x', 'audit'], ['x', 'audit']] as const) void ask(name, paceClass, 'posts', 'z')
    await settle()
    for (const [name, paceClass, kind] of [['audit', 'audit', 'posts'], ['post 1', 'message', 'posts'], ['role 1', 'role', 'roles'], ['post 2', 'message', 'posts'], ['role 2', 'role', 'roles'], ['code', 'code', 'posts']] as const) void ask(name, paceClass, kind)
    await pass(1_000)
    expect(gone.map(({ name }) => name).filter((name) => name !== 'x')).to.deep.equal(['role 1', 'role 2', 'code', 'post 1', 'post 2', 'audit'])
  })

  it('never more than its share in any second, four of it at once', async () => {
    const { gone, ask, pass } = setUp(24)
    for (let index = 0; index < 100; index += 1) void ask(`r${index}`, 'role', 'roles', `guild ${index}`)
    await pass(5_000)
    expect(gone).to.have.length(100)
    expect(gone.filter(({ atMs }) => atMs <= 10)).to.have.length(4)
    // What left is noted up to ten ms later.
    for (const { atMs } of gone) expect(gone.filter((one) => one.atMs >= atMs && one.atMs < atMs + 990).length).to.be.at.most(24)
  })

  it('servers take turns: a hundred changes in each of 25 end as soon as the share allows, in none of them later', async () => {
    const { clock, gone, ask } = setUp(24)
    for (let index = 0; index < 100; index += 1) for (let server = 0; server < 25; server += 1) void ask(`${server}`, 'role', 'roles', `server ${server}`)
    while (gone.length < 2_500) {
      clock.advance(50)
      await settle(1)
    }
    const lastOf = Array.from({ length: 25 }, (_, server) => gone.findLast(({ name }) => name === `${server}`)!.atMs)
    expect(Math.max(...lastOf)).to.be.within(100_000, (2_500 / 24) * 1_000 + 10_000)
    expect(Math.max(...lastOf) - Math.min(...lastOf), 'all within one window').to.be.at.most(10_300)
  })

  it('learns from Discord’s headers how large a bucket is, and when its window ends', async () => {
    const { gone, ask, pass, pace } = setUp(1_000)
    pace.learn({ kind: 'roles', id: 'a' }, { requests: 3, resetAfterMs: 500 })
    for (let index = 0; index < 4; index += 1) void ask(`a${index}`, 'role', 'roles', 'a')
    await pass(20)
    expect(gone).to.have.length(3)
    pace.learn({ kind: 'roles', id: 'a' }, { requests: 3, resetAfterMs: 20_000 })
    await pass(20_000)
    expect(gone).to.have.length(3)
    await pass(300)
    expect(gone).to.have.length(4)
    for (const told of [{ requests: NaN, resetAfterMs: 1 }, { requests: 0, resetAfterMs: 1 }, { requests: 1, resetAfterMs: NaN }]) pace.learn({ kind: 'roles', id: 'b' }, told)
  })

  it('who gives up takes nobody’s place, and nothing is left running', async () => {
    const { clock, gone, ask, pass, pace } = setUp(1_000)
    const abort = new AbortController()
    for (let index = 0; index < 10; index += 1) void ask(`a${index}`, 'role', 'roles', 'a')
    void ask('left', 'role', 'roles', 'a', abort.signal)
    void ask('stays', 'role', 'roles', 'a')
    await pass(20)
    abort.abort(new Error('the slot is no longer ours'))
    await pass(10_200)
    expect(gone.slice(10).map(({ name }) => name)).to.deep.equal(['left gave up', 'stays'])
    expect(clock.pending()).to.equal(0)
    await ask('too late', 'role', 'roles', 'c', abort.signal)
    expect(gone.at(-1)?.name).to.equal('too late gave up')
    pace.stop()
  })
})
