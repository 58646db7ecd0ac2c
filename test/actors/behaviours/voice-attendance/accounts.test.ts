import { expect } from 'chai'
import { advanceAccounts, copySession, durationSeconds, pausedSeconds, unobservedSeconds } from '../../../../actors/behaviours/voice-attendance/accounts.ts'
import type { OpenSession } from '../../../../actors/protocol/voice-attendance-state.ts'
import { channelId } from '../../../../kernel/ids.ts'
import { voiceOf } from '../../../support/voice.ts'

const sessionAt = (accountedUntil: number): OpenSession => ({
  sessionId: 's', userId: voiceOf(1, 1).userId, channelId: channelId('2001'), joinedAt: 0, accountedUntil, countedMs: accountedUntil, pausedMs: {}, unobservedMs: 0, voice: voiceOf(1, 1),
})

describe('voice attendance: accounts', () => {
  it('time goes to counted until nobody watched, then to unobserved', () => {
    const split = (unobservedFrom: number | null): number[] => {
      const session = sessionAt(1_000)
      advanceAccounts(session, 5_000, unobservedFrom)
      expect(session.accountedUntil).to.equal(5_000)
      return [session.countedMs - 1_000, session.unobservedMs]
    }
    expect(split(null)).to.deep.equal([4_000, 0])
    expect(split(2_000)).to.deep.equal([1_000, 3_000])
    expect(split(0), 'unwatched since before the last account').to.deep.equal([0, 4_000])
    expect(split(9_000), 'unwatched only later').to.deep.equal([4_000, 0])
  })

  it('what is accounted is never taken back', () => {
    const session = sessionAt(1_000)
    advanceAccounts(session, 400, 100)
    advanceAccounts(session, 1_000, null)
    expect(session).to.include({ accountedUntil: 1_000, countedMs: 1_000, unobservedMs: 0 })
  })

  it('seconds are floored once, each account by itself', () => {
    const session = { ...sessionAt(0), countedMs: 1_999, unobservedMs: 999, pausedMs: { self_mute: 2_000, afk: 1 } }
    expect([durationSeconds(session), unobservedSeconds(session)]).to.deep.equal([1, 0])
    expect(pausedSeconds(session)).to.deep.equal({ self_mute: 2, server_mute: 0, self_deaf: 0, server_deaf: 0, alone: 0, afk: 0, too_few: 0 })
  })

  it('a copy may be advanced without touching the session', () => {
    const session = { ...sessionAt(1_000), pausedMs: { afk: 5 } }
    const copy = copySession(session)
    advanceAccounts(copy, 3_000, null)
    copy.pausedMs.afk = 9
    expect(session).to.deep.include({ accountedUntil: 1_000, countedMs: 1_000, pausedMs: { afk: 5 } })
  })
})
