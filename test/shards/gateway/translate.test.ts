import { expect } from 'chai'
import fc from 'fast-check'
import { translateVoiceState } from '../../../shards/gateway/translate.ts'
import { propertyRuns } from '../../support/records.ts'

type State = Parameters<typeof translateVoiceState>[0]

const state = (changes: Record<string, unknown> = {}): State =>
  ({
    user_id: '42', channel_id: '77', session_id: 'abc', self_mute: false, mute: false, self_deaf: false, deaf: false, self_video: false,
    suppress: false, request_to_speak_timestamp: null, ...changes,
  }) as unknown as State

describe('translating a voice state', () => {
  it('keeps what counts, in our words', () => {
    expect(translateVoiceState(state({ self_mute: true, deaf: true }), false)).to.deep.equal({
      userId: '42', bot: false, channelId: '77', voiceSessionId: 'abc', selfMute: true, serverMute: false, selfDeaf: false, serverDeaf: true,
    })
    expect(translateVoiceState(state({ mute: true, self_deaf: true }), true)).to.include({ bot: true, serverMute: true, selfDeaf: true, selfMute: false })
  })

  it('a member without a channel has left', () => {
    expect(translateVoiceState(state({ channel_id: null }), false)).to.include({ channelId: null })
  })

  it('cleans the only text it keeps: U+0000, lone surrogates, length', () => {
    const session = (text: unknown): unknown => translateVoiceState(state({ session_id: text }), false)?.voiceSessionId
    expect(session('a\u0000b')).to.equal('ab')
    expect(session('\ud800')).to.equal('\ufffd')
    expect(session('x'.repeat(500))).to.have.length(64)
    expect(session(undefined)).to.equal('')
    expect(session(7)).to.equal('')
  })

  it('ids that are none give no observation', () => {
    for (const wrong of ['', 'me', '-1', '9'.repeat(30), '4\u00002', undefined, 42, {}, null]) {
      expect(translateVoiceState(state({ user_id: wrong }), false), `user ${JSON.stringify(wrong)}`).to.equal(null)
      if (wrong !== null) expect(translateVoiceState(state({ channel_id: wrong }), false), `channel ${JSON.stringify(wrong)}`).to.equal(null)
    }
  })

  it('whatever comes, it is null or clean, and never a throw', () => {
    const odd = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('42', '77', null, undefined, true, 7, '\ud800', '\u0000'), fc.anything())
    const anyState = fc.record({ user_id: odd, channel_id: odd, session_id: odd, self_mute: odd, mute: odd, self_deaf: odd, deaf: odd })
    fc.assert(
      fc.property(anyState, fc.boolean(), (fields, isBot) => {
        const voice = translateVoiceState(fields as unknown as State, isBot)
        if (voice === null) return
        expect(voice.userId).to.match(/^\d{1,19}$/)
        expect(voice.channelId ?? '0').to.match(/^\d{1,19}$/)
        expect(voice.voiceSessionId.isWellFormed() && !voice.voiceSessionId.includes('\u0000')).to.equal(true)
        for (const flag of [voice.selfMute, voice.serverMute, voice.selfDeaf, voice.serverDeaf, voice.bot]) expect(flag).to.be.a('boolean')
        expect(JSON.parse(JSON.stringify(voice))).to.deep.equal(voice)
      }),
      propertyRuns(500),
    )
  })
})
