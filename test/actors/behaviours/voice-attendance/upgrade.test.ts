/** A state that was stored by version 1 goes on as if it had always been today's. */
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { initialState, stateVersion, upgradeState } from '../../../../actors/behaviours/voice-attendance/state.ts'
import type { PeriodPayload } from '../../../../actors/protocol/record.ts'
import { createVoiceGuild, observe, readBoard, voiceOf } from '../../../support/voice.ts'

const stored = (): unknown => JSON.parse(readFileSync(new URL('../../../vectors/voice-attendance-state-v1.json', import.meta.url), 'utf8'))
const start = Date.UTC(2026, 0, 1)

describe('voice attendance: states of older versions', () => {
  it('version 1 keeps its settings, sessions and totals, and gets what is new with its defaults', () => {
    const upgraded = upgradeState(stored(), 1)
    expect(Object.keys(upgraded).toSorted()).to.deep.equal(Object.keys(initialState()).toSorted())
    expect(upgraded).to.deep.include({ trackingMode: 'allowlist', trackedChannels: ['2001', '2002'], rulesVersion: 1, periodCount: 1 })
    expect(upgraded.open['1001']).to.include({ countedMs: 60_000, joinedAt: start })
    expect(upgraded.totals).to.deep.equal({ '1002': { durationSeconds: 300, sessions: 2 } })
    expect(upgraded.fairness).to.deep.equal(initialState().fairness)
  })

  it('its period is given an end by the next event, and closes at that boundary with everything that was in it', () => {
    const guild = createVoiceGuild(upgradeState(stored(), 1))
    expect(guild.run(readBoard(1, 1), start + 70_000).events, 'a read decides nothing').to.deep.equal([])
    guild.run(observe(voiceOf(1, null)), start + 120_000)
    expect(guild.state.period?.endsAt).to.equal(Date.UTC(2026, 0, 5))
    guild.run(readBoard(1, 1), Date.UTC(2026, 0, 6))
    const period = guild.records.find(({ type }) => type === 'period')?.payload as PeriodPayload
    expect(period.entries).to.deep.equal([
      { user_id: '1002', duration_seconds: 300, sessions: 2 },
      { user_id: '1001', duration_seconds: 120, sessions: 1 },
    ])
  })

  it('today’s is taken as it is, an unknown version is refused', () => {
    const today = initialState()
    expect(upgradeState(today, stateVersion)).to.equal(today)
    expect(() => upgradeState({}, 99)).to.throw('99 is unknown')
  })
})
