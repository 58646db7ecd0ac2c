import { expect } from 'chai'
import { slotOf } from '../../../actors/ownership/slots.ts'
import { VoiceTracker } from '../../../shards/gateway/voice-tracker.ts'
import { guildIn } from '../../support/commit-batches.ts'
import { voiceOf } from '../../support/voice.ts'

const [guild, sameSlot] = [guildIn(3), guildIn(3, 1)]

describe('the voice tracker', () => {
  it('knows who is in voice: the whole guild at once, then change by change', () => {
    const tracker = new VoiceTracker()
    tracker.replace(guild, [voiceOf(1, 1), voiceOf(2, 1)], 0)
    tracker.apply(guild, voiceOf(2, 2))
    tracker.apply(guild, voiceOf(3, 1))
    tracker.apply(guild, voiceOf(1, null))
    expect(tracker.voicesOf(guild)).to.have.deep.members([voiceOf(2, 2), voiceOf(3, 1)])
    expect(tracker.voiceOf(guild, voiceOf(3, 1).userId)).to.deep.equal(voiceOf(3, 1))
    expect(tracker.voiceOf(guild, voiceOf(1, 1).userId)).to.equal(null)
    tracker.replace(guild, [], 0)
    expect(tracker.voicesOf(guild)).to.deep.equal([])
  })

  it('who is not in voice leaves it once more: that is no news; of a guild it was never told of anything may be', () => {
    const tracker = new VoiceTracker()
    expect(tracker.apply(guild, voiceOf(1, null))).to.equal(true)
    tracker.replace(guild, [voiceOf(1, 1)], 0)
    const told = [voiceOf(1, 1), voiceOf(1, null), voiceOf(1, null), voiceOf(1, 2)]
    expect(told.map((voice) => tracker.apply(guild, voice))).to.deep.equal([true, true, false, true])
  })

  it('a guild that was never told of is not made up from one change', () => {
    const tracker = new VoiceTracker()
    tracker.apply(guild, voiceOf(1, 1))
    expect([tracker.voicesOf(guild), tracker.guildCount]).to.deep.equal([[], 0])
  })

  it('finds the guilds of a slot, and no more those that were forgotten', () => {
    const tracker = new VoiceTracker()
    for (const one of [guild, sameSlot, guildIn(4)]) tracker.replace(one, [], 0)
    expect(tracker.guildsOf(slotOf(guild))).to.deep.equal([guild, sameSlot])
    tracker.forget(guild)
    expect(tracker.guildsOf(slotOf(guild))).to.deep.equal([sameSlot])
    expect(tracker.guildCount).to.equal(2)
  })
})
