/** `/leaderboard`: which archives a server's tier lists, and what is said of those it does not. */
import { expect } from 'chai'
import type { VoiceAttendanceReply } from '../../../actors/protocol/voice-attendance.ts'
import type { Tier } from '../../../actors/protocol/voice-settings.ts'
import { guildId, userId } from '../../../kernel/ids.ts'
import type { InteractionContext } from '../../../shards/commands/slash-command.ts'
import { answerBoard } from '../../../shards/voice/board-message.ts'
import type { ArchivedBoard, VoiceDesk } from '../../../shards/voice/voice-desk.ts'

const closedOnes = 9
const archive = (index: number): ArchivedBoard =>
  index < 1 || index > closedOnes
    ? { kind: 'unknown' }
    : {
        kind: 'board',
        period: {
          period_id: `period-${index}`, period_index: index, started_at: '2026-01-01T00:00:00.000Z', ended_at: '2026-01-08T00:00:00.000Z',
          rules_version: 1, unsigned: { sessions: 0, seconds: 0 }, entries: [{ user_id: '1001', duration_seconds: 3600, sessions: 1 }],
        },
      }

/** Periods 1 to 9 are closed; the tenth runs, or none does. */
function contextOf({ tier, defaultTier, isRunning }: { tier: Tier | null; defaultTier: Tier; isRunning: boolean }) {
  const reply: VoiceAttendanceReply = {
    kind: 'leaderboard', periodIndex: isRunning ? 10 : 0, newestClosed: closedOnes, trackingMode: 'all', tier,
    period: null, entries: [], page: 1, pages: 1, own: null,
  }
  const voice = { defaultTier, publicUrl: 'https://records.example', readArchive: (_, index) => Promise.resolve(archive(index)) } satisfies Partial<VoiceDesk> as unknown as VoiceDesk
  return {
    guildId: guildId('7'), byUserId: userId('1001'), voice, interaction: { locale: 'en-US' },
    ask: () => Promise.resolve({ status: 'answered', reply }),
  } as unknown as InteractionContext & { readonly interaction: { readonly locale: string } }
}

async function textOf(guild: Parameters<typeof contextOf>[0], index: number): Promise<string> {
  const { content, embeds } = await answerBoard(contextOf(guild), { index, page: 1 })
  return content ?? embeds?.[0]?.title ?? ''
}

describe('/leaderboard period', () => {
  for (const isRunning of [true, false]) {
    it(`the free tier lists the newest five archives ${isRunning ? 'while the next period runs' : 'while none runs'}; older ones are verified elsewhere`, async () => {
      const guild = { tier: null, defaultTier: 'free', isRunning } as const
      for (const index of [5, 9]) expect(await textOf(guild, index)).to.equal(`Leaderboard of period ${index}`)
      for (const index of [1, 4]) {
        expect(await textOf(guild, index)).to.contain('from period 5 on').and.contain(`https://records.example/verify/period/7/${index}`)
      }
    })
  }

  it('Pro lists all of them, by the server’s own tier or by the default', async () => {
    expect(await textOf({ tier: 'pro', defaultTier: 'free', isRunning: true }, 1)).to.equal('Leaderboard of period 1')
    expect(await textOf({ tier: null, defaultTier: 'pro', isRunning: true }, 1)).to.equal('Leaderboard of period 1')
    expect(await textOf({ tier: 'free', defaultTier: 'pro', isRunning: true }, 1)).to.contain('from period 5 on')
  })

  it('a period that never was is unknown, with what to do', async () => {
    expect(await textOf({ tier: 'pro', defaultTier: 'free', isRunning: true }, 11)).to.contain('There is no period 11.').and.contain('`/leaderboard`')
  })
})
