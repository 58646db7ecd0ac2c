import { expect } from 'chai'
import fc from 'fast-check'
import type { ManagerMessage, ShardMessage } from '../../cluster/protocol.ts'
import { parseManagerMessage, parseShardMessage, wrapMessage } from '../../cluster/protocol.ts'
import { propertyRuns } from '../support/records.ts'

const fromShard: readonly ShardMessage[] = [
  { kind: 'started', incarnation: 'host:1:a' },
  { kind: 'ready', shards: [0, 1], order: 0, guilds: 3 },
  { kind: 'failed', exitCode: 2, sentence: 'Postgres is away.' },
]
const fromManager: readonly ManagerMessage[] = [{ kind: 'process-dead', incarnation: 'host:1:a' }, { kind: 'drain' }]

describe('what manager and shard processes say', () => {
  it('comes through the library’s channel as it was', () => {
    for (const message of fromShard) expect(parseShardMessage(JSON.parse(JSON.stringify(wrapMessage(message))))).to.deep.equal(message)
    for (const message of fromManager) expect(parseManagerMessage(JSON.parse(JSON.stringify(wrapMessage(message))))).to.deep.equal(message)
  })

  it('the library’s own messages are none of ours', () => {
    for (const raw of [null, undefined, 'ready', 7, [], {}, { _type: 3 }, { nonce: 'x', content: {} }]) {
      expect([parseShardMessage(raw), parseManagerMessage(raw)]).to.deep.equal([null, null])
    }
  })

  it('what claims to be ours and is not well-formed is refused, whatever it is', () => {
    const wrong: readonly unknown[] = [
      null, {}, { kind: 'unheard-of' }, { kind: 'started' }, { kind: 'started', incarnation: '' }, { kind: 'started', incarnation: 'x'.repeat(201) },
      { kind: 'ready', shards: ['0'], guilds: 1 }, { kind: 'failed', exitCode: 1, sentence: 'x'.repeat(2_001) },
    ]
    for (const muster of wrong) expect(() => parseShardMessage({ muster }), JSON.stringify(muster)).to.throw()
    fc.assert(
      fc.property(fc.jsonValue(), (muster) => {
        expect(() => parseManagerMessage({ muster })).to.throw()
      }),
      propertyRuns(100),
    )
  })

  it('each direction has its own words', () => {
    expect(() => parseManagerMessage(wrapMessage({ kind: 'started', incarnation: 'x' }))).to.throw()
    expect(() => parseShardMessage(wrapMessage({ kind: 'drain' }))).to.throw()
  })
})
