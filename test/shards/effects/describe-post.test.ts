/** What a log channel reads of signing and exports, in both languages; a head is always told with its place and hash. */
import { expect } from 'chai'
import type { LogPost } from '../../../actors/protocol/voice-attendance.ts'
import { userId } from '../../../kernel/ids.ts'
import { describePost } from '../../../shards/effects/post-log.ts'
import { english } from '../../../shards/texts/english.ts'
import { german } from '../../../shards/texts/german.ts'

const head = { sequence: 12, hash: 'ab'.repeat(32) }
const at = Date.UTC(2026, 10, 20)
const say = (texts: typeof english, post: LogPost): string => {
  const { title, description } = describePost({ texts, publicUrl: 'https://muster.example', head }, post)
  return `${title}\n${description}`
}

describe('posts about signing and exports', () => {
  it('locked: by whom, or that nobody did it, and what becomes of records meanwhile', () => {
    const locked = (byUserId: string | null, policy: 'queue' | 'drop'): LogPost => ({
      kind: 'signing', change: { kind: 'locked', byUserId: byUserId === null ? null : userId(byUserId), policy, at },
    })
    expect(say(english, locked('42', 'queue'))).to.equal('Signing is locked\nLocked by <@42>.\nUntil it is unlocked: records wait, in order, and are signed when signing is unlocked.')
    expect(say(english, locked(null, 'drop'))).to.contain('Nobody locked it').and.contain('counted as unsigned and never signed').and.contain('/admin unlock-signing')
    expect(say(german, locked('42', 'drop'))).to.contain('Gesperrt von <@42>.').and.contain('nie unterschrieben')
  })

  it('unlocked: by whom, and how many records waited', () => {
    const unlocked = (waiting: number): LogPost => ({ kind: 'signing', change: { kind: 'unlocked', byUserId: userId('42'), waiting, at } })
    expect(say(english, unlocked(0))).to.equal('Signing is unlocked\nUnlocked by <@42>.')
    expect(say(english, unlocked(1))).to.contain('1 record that waited is being signed now')
    expect(say(german, unlocked(7))).to.contain('7 wartende Urkunden werden jetzt der Reihe nach unterschrieben.')
  })

  it('exported: which records, and the head of the chain', () => {
    for (const texts of [english, german]) expect(say(texts, { kind: 'export', from: 3, to: 9, at })).to.contain(head.hash).and.contain('12').and.match(/3 \S+ 9/)
  })
})
