/** Many guilds share a boundary: its time is exact, its work is spread over a minute, evenly and always the same. */
import { expect } from 'chai'
import { createRegistry, features } from '../../../actors/behaviours/registry.ts'
import { slotOf } from '../../../actors/ownership/slots.ts'
import { AlarmClock } from '../../../actors/runtime/alarm-clock.ts'
import type { AlarmRow } from '../../../actors/runtime/ports.ts'
import { SlotTable } from '../../../actors/runtime/slot-table.ts'
import { guildId, sequence, snowflakeAt } from '../../../kernel/ids.ts'
import { silentLog } from '../../../kernel/log.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { settle } from '../../support/settle.ts'

const guildCount = 600
const minuteMs = 60_000

interface Fired {
  readonly guild: string
  readonly afterMs: number
  readonly endedAt: unknown
}

/** Runs to two minutes after the boundary. `rows`: what the sweep finds. */
async function fire(purpose: string, boundaryInMs: number): Promise<readonly Fired[]> {
  const clock = createManualClock()
  const boundary = clock.wallMs() + boundaryInMs
  // Guilds were made at any millisecond of years past, as theirs were.
  const guilds = Array.from({ length: guildCount }, (_, index) => guildId(snowflakeAt(Date.UTC(2020, 0, 1) + index * 86_407_919)))
  const rows = guilds.map((guild): AlarmRow & { readonly dueAt: number } => ({ guildId: guild, slot: slotOf(guild), purpose: `voice-attendance/${purpose}`, dueAt: boundary, setSeq: sequence(1) }))
  const slots = new SlotTable()
  for (const guild of guilds) if (slots.at(slotOf(guild)).state === 'foreign') slots.at(slotOf(guild)).setState('taking')
  const fired: Fired[] = []
  const alarms = new AlarmClock({
    store: { loadAlarms: ({ dueBefore }) => Promise.resolve(rows.filter(({ guildId: guild }) => boundary <= dueBefore && !fired.some((one) => one.guild === guild))) },
    registry: createRegistry(features),
    slots,
    clock,
    time: { now: () => clock.wallMs() },
    log: silentLog,
    submit: ({ envelope }) => void fired.push({ guild: envelope.guildId, afterMs: clock.wallMs() - boundary, endedAt: 'endedAt' in envelope.command ? envelope.command.endedAt : null }),
  })
  alarms.start()
  for (let passed = 0; passed < boundaryInMs + 2 * minuteMs; passed += 1_000) {
    alarms.sweep(guilds.map(slotOf))
    await settle(1)
    clock.advance(1_000)
  }
  await alarms.stop()
  expect(fired.map(({ endedAt }) => endedAt).filter((endedAt) => endedAt !== null && endedAt !== boundary)).to.deep.equal([])
  return fired
}

describe('the alarm clock, many guilds at one boundary', () => {
  it('none is early, all are within 60 s, each quarter of the minute has its share, and the time they tell is the boundary’s', async () => {
    const fired = await fire('period', 20_000)
    expect(fired).to.have.length(guildCount)
    for (const { afterMs } of fired) expect(afterMs).to.be.within(0, minuteMs)
    for (const quarter of [0, 1, 2, 3]) {
      const share = fired.filter(({ afterMs }) => Math.min(3, Math.floor(afterMs / (minuteMs / 4))) === quarter).length
      expect(share, `quarter ${quarter}`).to.be.within(guildCount / 8, guildCount / 2)
    }
    const again = await fire('period', 20_000)
    const delayOf = (runs: readonly Fired[]) => Object.fromEntries(runs.map(({ guild, afterMs }) => [guild, afterMs]))
    expect(delayOf(again), 'a guild’s delay is its own').to.deep.equal(delayOf(fired))
  })

  it('what is not shared is not spread', async () => {
    for (const { afterMs } of await fire('log', 20_000)) expect(afterMs).to.equal(0)
  })
})
