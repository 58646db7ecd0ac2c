/** Following commands by their op ids changes nothing of what it follows. */
import { expect } from 'chai'
import type { EffectAttempt, EffectRunner } from '../../actors/runtime/outbox.ts'
import { guildId, opId } from '../../kernel/ids.ts'
import { silentLog } from '../../kernel/log.ts'
import { createTrace } from '../../shards/trace.ts'

const attempt: EffectAttempt = {
  feature: 'role-panels', kind: 'add-role', target: 'role:1', payload: {}, guildId: guildId('1142857142857142857'),
  opId: opId('outbox:1:1:0'), attempt: 1, trace: null, createdAt: 0,
}

describe('the trace of effects', () => {
  for (const level of ['debug', 'info'] as const) {
    it(`at level ${level} an effect still waits for its turn among those that share a limit`, async () => {
      const steps: string[] = []
      const runner: EffectRunner = {
        admit: () => Promise.resolve(void steps.push('admitted')),
        run() {
          steps.push('ran')
          return Promise.resolve({ kind: 'done', answer: {} })
        },
      }
      const traced = createTrace(silentLog, level).effects(runner)
      await traced.admit?.(attempt, new AbortController().signal)
      await traced.run(attempt, new AbortController().signal)
      expect(steps).to.deep.equal(['admitted', 'ran'])
    })
  }
})
