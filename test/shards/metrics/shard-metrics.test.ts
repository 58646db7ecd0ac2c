/** What a shard process counts: by name and label, bounded, and without a guild in it. */
import { expect } from 'chai'
import type { Request } from '../../../actors/runtime/request.ts'
import type { PendingTurn } from '../../../actors/runtime/batch.ts'
import type { OwnershipStore } from '../../../actors/runtime/ports.ts'
import { generation, incarnation } from '../../../kernel/ids.ts'
import { CommandTally } from '../../../shards/metrics/command-tally.ts'
import { createShardMetrics } from '../../../shards/metrics/shard-metrics.ts'

const request = (kind: string): Request => ({ envelope: { command: { feature: 'voice-attendance', kind } } }) as unknown as Request

describe('metrics of a shard process', () => {
  const create = () => createShardMetrics({ process: 'shard-3', version: '0.1.0', generation: 2 })
  const valueOf = (text: string, sample: string): number | undefined => {
    const line = text.split('\n').find((one) => one.startsWith(`${sample} `))
    return line === undefined ? undefined : Number(line.slice(sample.length + 1))
  }
  const own = 'process="shard-3",generation="2"'

  it('count commands by outcome, commits, fences, signatures and what was given up on', async () => {
    const metrics = create()
    const { hooks } = metrics
    for (let time = 0; time < 3; time += 1) hooks.observeCommand!(request('my-time'), { status: 'answered', reply: { kind: 'observed' } })
    hooks.observeCommand!(request('my-time'), { status: 'refused', reason: 'busy' })
    hooks.observeCommit!({ events: 12, durationMs: 4, outcome: 'committed', fencedSlots: 2 })
    hooks.observeCommit!({ events: 1, durationMs: 5_000, outcome: 'unknown', fencedSlots: 0 })
    const turn = { from: 4, to: 7, rows: { receipts: [1, 2], settlement: { state: 'dead' }, outbox: [] } } as unknown as PendingTurn
    hooks.onDurable!([turn])
    const store = { takeSlots: () => Promise.resolve([1, 2, 3]), fenceSelf: () => Promise.resolve([1]), readSlots: () => Promise.resolve([]) } as unknown as OwnershipStore
    const counted = metrics.countOwnership(store)
    await counted.takeSlots({ seen: [], owner: incarnation('a:1:b'), generation: generation(2) })
    await counted.fenceSelf({ held: [], owner: incarnation('a:1:b') })
    metrics.noteRestAnswer(429)
    metrics.noteRestAnswer(200)
    const text = await metrics.text()
    const expected: Record<string, number> = {
      [`muster_commands_total{feature="voice-attendance",kind="my-time",outcome="answered",${own}}`]: 3,
      [`muster_commands_total{feature="voice-attendance",kind="my-time",outcome="busy",${own}}`]: 1,
      [`muster_commits_total{outcome="committed",${own}}`]: 1,
      [`muster_commits_total{outcome="unknown",${own}}`]: 1,
      [`muster_fenced_writes_total{${own}}`]: 2,
      [`muster_fences_taken_total{why="takeover",${own}}`]: 3,
      [`muster_fences_taken_total{why="doubt",${own}}`]: 1,
      [`muster_signatures_total{of="receipt",${own}}`]: 2,
      [`muster_dead_letters_total{${own}}`]: 1,
      [`muster_commit_events_sum{${own}}`]: 13,
      [`muster_rest_responses_total{status="4xx",${own}}`]: 1,
      [`muster_rest_rate_limited_total{${own}}`]: 1,
    }
    for (const [sample, value] of Object.entries(expected)) expect(valueOf(text, sample), sample).to.equal(value)
    expect(metrics.durableEvents).to.equal(3)
    const ours = (page: string): readonly string[] => page.split('\n').filter((line) => line.startsWith('muster_'))
    expect(ours(await metrics.text()), 'a scrape counts nothing twice').to.deep.equal(ours(text))
  })

  it('have a bound of series: what is beyond is counted together', () => {
    const tally = new CommandTally()
    for (let kind = 0; kind < 3_000; kind += 1) tally.count({ feature: 'f', kind: `k${kind}` }, { status: 'answered', reply: { kind: 'observed' } })
    const counts = [...tally.counts()]
    expect(counts.length).to.equal(1_001)
    expect(counts.reduce((sum, { count }) => sum + count, 0)).to.equal(3_000)
    expect(counts.find(({ feature }) => feature === 'other')).to.include({ kind: 'other', outcome: 'other', count: 2_000 })
  })
})
