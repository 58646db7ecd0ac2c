/** What a crowd reads while it waits: nothing where it is short, when it is due, and where to look when that is past the token. */
import { expect } from 'chai'
import { MessageFlags } from 'discord-api-types/v10'
import { limits } from '../../../kernel/limits.ts'
import { waitingMessage } from '../../../shards/panels/change-waiting.ts'
import { english } from '../../../shards/texts/english.ts'
import { german } from '../../../shards/texts/german.ts'

const now = 1_800_000_000_000
const minuteMs = 60_000

describe('a role change behind many others', () => {
  it('of a few says nothing itself: it is done within one of Discord’s windows', () => {
    expect(waitingMessage(english, { ahead: 9, now })).to.equal(null)
    expect(waitingMessage(english, { ahead: 10, now })).not.to.equal(null)
  })

  it('names how many go first and when it is due: one a second, after the window that runs', () => {
    for (const [texts, taken, first] of [[english, 'Your click is taken', '1 change'], [german, 'Dein Klick ist angenommen', '1 Änderung']] as const) {
      const answer = waitingMessage(texts, { ahead: 312, now })
      expect(answer?.content).to.contain(taken).and.contain('312').and.contain(`<t:${now / 1_000 + 322}:R>`)
      expect(answer?.flags).to.equal(MessageFlags.Ephemeral)
      expect(texts.panels.behind(1, 'x')).to.contain(`${first} `)
    }
  })

  it('what is due when the token has ended is said to be seen at the roles, never in this message', () => {
    for (const texts of [english, german]) {
      const due = (waitMs: number): string => waitingMessage(texts, { ahead: waitMs / 1_000 - 10, now })?.content ?? ''
      const [soon, late] = [due(14 * minuteMs), due(14 * minuteMs + 1_000)]
      expect(soon).to.equal(texts.panels.behind(830, `<t:${now / 1_000 + 840}:R>`))
      expect(late).to.equal(texts.panels.behindForLong(831, `<t:${now / 1_000 + 841}:R>`))
      expect(waitingMessage(texts, { ahead: limits.roleChangesMax * 125, now })?.content?.length).to.be.at.most(2_000)
    }
  })
})
