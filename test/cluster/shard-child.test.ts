/** One shard process: told its role when it can follow it, spawned again, killed when it is wedged, ended when it must. */
import { EventEmitter } from 'node:events'
import type { Cluster } from 'discord-hybrid-sharding'
import { expect } from 'chai'
import type { ManagerMessage, ShardMessage } from '../../cluster/protocol.ts'
import { placeVariables, wrapMessage } from '../../cluster/protocol.ts'
import type { ChildExit, ChildRole } from '../../cluster/shard-child.ts'
import { ShardChild } from '../../cluster/shard-child.ts'
import type { SpawnPermit } from '../../cluster/spawn-permit.ts'
import { generation } from '../../kernel/ids.ts'
import { createListeningLog } from '../support/listening-log.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { settle } from '../support/settle.ts'

class FakeProcess extends EventEmitter {
  readonly pid: number
  connected = true
  /** It has ended, and nobody knows it yet. */
  isGone = false
  readonly signals: string[] = []
  readonly #told: ManagerMessage[]
  constructor(pid: number, told: ManagerMessage[]) {
    super()
    this.pid = pid
    this.#told = told
  }
  send(message: object, done: (error: Error | null) => void): void {
    if (!this.isGone) this.#told.push((message as { muster: ManagerMessage }).muster)
    process.nextTick(done, this.isGone ? new Error('write EPIPE') : null)
  }
  kill(signal: string): void {
    this.signals.push(signal)
  }
  end(exitCode: number | null, signal: string | null = null): void {
    this.connected = false
    this.emit('exit', exitCode, signal)
  }
}

class FakeCluster extends EventEmitter {
  readonly id = 1
  readonly shardList = [2, 3]
  readonly env: Record<string, string> = {}
  readonly told: ManagerMessage[] = []
  readonly lives: { readonly process: FakeProcess; readonly startsHolding: string | undefined }[] = []
  async spawn(): Promise<void> {
    const process = new FakeProcess(100 + this.lives.length, this.told)
    this.lives.push({ process, startsHolding: this.env[placeVariables.startsHolding] })
    this.emit('spawn', process)
    await Promise.resolve()
  }
  /** As the library's: what becomes of it is nobody's to know. */
  send(): undefined {
    throw new Error('the promise of an object that is sent is dropped: a child that is gone ends the manager')
  }
  says(message: ShardMessage): void {
    this.emit('message', wrapMessage(message))
  }
}

async function setUp(role: ChildRole) {
  const clock = createManualClock()
  const log = createListeningLog()
  const cluster = new FakeCluster()
  const exits: ChildExit[] = []
  const hopeless: string[] = []
  const waits: (() => void)[] = []
  const permit = {
    noteReady: () => undefined,
    async wait(_process: object, signal: AbortSignal, onWait: (reason: string) => void): Promise<void> {
      onWait('a pause')
      await new Promise<void>((resolve, reject) => {
        waits.push(resolve)
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      })
    },
  }
  const child = new ShardChild(
    {
      cluster: cluster as unknown as Cluster,
      clock,
      log,
      permit: permit as unknown as SpawnPermit,
      events: {
        onListening: () => undefined,
        onReady: () => undefined,
        onExit: (_child, exit) => void exits.push(exit),
        onHopeless: (_child, { sentence }) => void hopeless.push(sentence),
        onChange: () => undefined,
      },
    },
    { generation: generation(4), role },
  )
  await child.spawn()
  const life = (): FakeProcess => {
    const newest = cluster.lives.at(-1)
    if (newest === undefined) throw new Error('never spawned')
    return newest.process
  }
  const letSpawn = async (): Promise<void> => {
    waits.shift()?.()
    await settle()
  }
  return { clock, log, cluster, child, exits, hopeless, life, letSpawn, told: cluster.told }
}

const started = { kind: 'started', incarnation: 'host:1:x' } as const
const heard = { kind: 'heard', guilds: 3 } as const
const ready = (order: number): ShardMessage => ({ kind: 'ready', shards: [2, 3], guilds: 3, order })

describe('a shard process of the manager', () => {
  it('one that ended a moment ago, and is not known to have, is told in vain and harms nobody', async () => {
    const { child, life, told, log } = await setUp('serving')
    life().isGone = true
    child.tell({ kind: 'retire' })
    await settle()
    expect(told).to.deep.equal([])
    expect(log.saw('child could not be told')).to.equal(true)
  })

  it('holding, it is told to switch when it is heard, and serves when it answers that order', async () => {
    const { cluster, child, told } = await setUp('holding')
    expect(cluster.env).to.deep.equal({ [placeVariables.generation]: '4', [placeVariables.startsHolding]: 'yes' })
    cluster.says(started)
    child.setRole('serving')
    expect(told).to.deep.equal([])
    cluster.says(heard)
    expect(told).to.deep.equal([{ kind: 'switch', order: 1 }])
    cluster.says(ready(0))
    expect(child.facts().state, 'an answer to nothing').to.equal('heard')
    cluster.says(ready(1))
    expect(child.facts()).to.include({ state: 'serving', guilds: 3, incarnation: 'host:1:x' })
  })

  it('one that starts serving is told nothing', async () => {
    const { cluster, child, told } = await setUp('serving')
    expect(cluster.env[placeVariables.startsHolding]).to.equal('no')
    for (const message of [started, heard, ready(0)]) cluster.says(message)
    expect(child.facts().state).to.equal('serving')
    expect(told).to.deep.equal([])
  })

  it('serving said again makes it take back what others took, and serve only then', async () => {
    const { cluster, child, told } = await setUp('serving')
    for (const message of [started, heard, ready(0)]) cluster.says(message)
    child.setRole('yielding')
    expect(told, 'it would ask for its slots again').to.deep.equal([{ kind: 'hand-back' }])
    child.setRole('serving')
    expect(told[1]).to.deep.equal({ kind: 'switch', order: 1 })
    expect(child.facts().state).to.equal('heard')
    cluster.says(ready(1))
    expect(child.facts().state).to.equal('serving')
  })

  it('yielding, one that died begins holding, or it would ask for its slots again', async () => {
    const { cluster, child, life, letSpawn } = await setUp('serving')
    for (const message of [started, heard, ready(0)]) cluster.says(message)
    child.setRole('yielding')
    life().end(null, 'SIGKILL')
    expect(child.facts()).to.include({ state: 'waiting', waitsFor: 'a pause', pid: null, owned: 0 })
    await letSpawn()
    expect(cluster.lives.map(({ startsHolding }) => startsHolding)).to.deep.equal(['no', 'yes'])
    expect(child.facts()).to.include({ state: 'starting', waitsFor: null, lives: 2 })
  })

  it('in the switch, one of the new ones that died serves as soon as it is there', async () => {
    const { cluster, child, life, letSpawn, told } = await setUp('holding')
    for (const message of [started, heard]) cluster.says(message)
    child.setRole('serving')
    life().end(1)
    await letSpawn()
    for (const message of [started, heard, ready(0)]) cluster.says(message)
    expect(cluster.lives.map(({ startsHolding }) => startsHolding)).to.deep.equal(['yes', 'no'])
    expect(told).to.deep.equal([{ kind: 'switch', order: 1 }])
    expect(child.facts().state).to.equal('serving')
  })

  it('returning and retiring are told; who leaves by them is not spawned again', async () => {
    for (const [role, kind] of [['returning', 'hand-back'], ['retiring', 'retire']] as const) {
      const { child, cluster, life, exits, told } = await setUp('serving')
      for (const message of [started, heard, ready(0)]) cluster.says(message)
      child.setRole(role)
      expect(told).to.deep.equal([{ kind }])
      life().end(0)
      await settle()
      expect(exits).to.deep.equal([{ pid: 100, exitCode: 0, signal: null, isPlanned: true, incarnation: 'host:1:x' }])
      expect(child.facts().state).to.equal('ended')
      expect(cluster.lives).to.have.length(1)
    }
  })

  it('one that waits to be spawned leaves at once', async () => {
    const { child, life, letSpawn, cluster } = await setUp('serving')
    life().end(1)
    child.setRole('retiring')
    expect(child.facts().state).to.equal('ended')
    await letSpawn()
    expect(cluster.lives).to.have.length(1)
  })

  it('silent for ten seconds it is killed by SIGKILL; not when our own loop stood still', async () => {
    const { clock, child, cluster, life, log } = await setUp('serving')
    cluster.says(started)
    clock.advance(9_000)
    cluster.says({ kind: 'heartbeat', owned: 12 })
    expect(child.facts().owned).to.equal(12)
    clock.advance(9_999)
    child.look(0)
    expect(life().signals).to.deep.equal([])
    clock.advance(60_000)
    child.look(60_000)
    expect(life().signals, 'it was the manager that slept').to.deep.equal([])
    clock.advance(1)
    child.look(0)
    expect(life().signals).to.deep.equal(['SIGKILL'])
    expect(log.saw('shard process is wedged, killing it')).to.equal(true)
  })

  it('loading may take a minute', async () => {
    const { clock, child, life } = await setUp('serving')
    clock.advance(59_000)
    child.look(0)
    expect(life().signals).to.deep.equal([])
    clock.advance(1_000)
    child.look(0)
    expect(life().signals).to.deep.equal(['SIGKILL'])
  })

  it('one that never served and says that it cannot is not tried again; one that once served is', async () => {
    const failed = { kind: 'failed', exitCode: 2, sentence: 'no Postgres' } as const
    const first = await setUp('serving')
    first.cluster.says(failed)
    first.life().end(2)
    expect(first.hopeless).to.deep.equal(['no Postgres'])
    expect(first.child.facts()).to.include({ state: 'waiting', waitsFor: 'no Postgres' })
    const second = await setUp('serving')
    for (const message of [started, heard, ready(0)]) second.cluster.says(message)
    second.life().end(null, 'SIGKILL')
    await second.letSpawn()
    second.cluster.says(failed)
    second.life().end(2)
    expect(second.hopeless).to.deep.equal([])
    await second.letSpawn()
    expect(second.cluster.lives).to.have.length(3)
  })

  it('ended, it is drained, and killed when that takes too long', async () => {
    const { clock, child, cluster, life, exits } = await setUp('serving')
    cluster.says(started)
    child.end()
    child.end()
    expect(life().signals).to.deep.equal(['SIGTERM'])
    clock.advance(28_000)
    expect(life().signals).to.deep.equal(['SIGTERM', 'SIGKILL'])
    life().end(null, 'SIGKILL')
    expect(exits[0]).to.include({ isPlanned: true })
    expect(clock.pending()).to.equal(0)
  })
})
