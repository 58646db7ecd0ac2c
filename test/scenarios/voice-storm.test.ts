/**
 * A short form of the storm: everybody joins at once, over two processes. How long that took says the machine.
 * `node --import tsx test/bench/voice-storm.ts` is the whole one, 50 guilds of 200 members.
 */
import { expect } from 'chai'
import { testServersTimeoutMs } from '../support/servers.ts'
import { runVoiceStorm } from '../support/voice-storm.ts'

describe('voice storm (four identifies at once, a heartbeat every two seconds)', function () {
  this.timeout(testServersTimeoutMs + 60_000)

  it('10 guilds × 100 members join at once: every session opens once, no heartbeat is later than its interval + 1 s', async () => {
    const figures = await runVoiceStorm({ guildCount: 10, membersPerGuild: 100 })
    expect(figures).to.include({ joins: 1_000, sessionsOpened: 1_000, doubled: 0 })
    expect(figures.heartbeatLateMsMax).to.be.below(1_000)
    expect(figures.heartbeats).to.be.at.least(16)
  })
})
