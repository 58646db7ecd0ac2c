/**
 * `GET /verify/period/{guild}/{index}`: the verdict on a finished period, with counts.
 *
 * The entries are everybody's hours, and the signed bytes contain them: neither is shown unless the guild has switched on
 * public boards. Who holds the receipt checks it by `POST /verify` either way.
 */
import { Router } from 'express'
import type { TrustedClusterKeys } from '../../actors/records/cluster-key.ts'
import type { RecordReader } from '../../actors/records/record-reader.ts'
import { computeVerdict, findPublicKey } from '../../actors/records/verdict.ts'
import { jsonAnswer, sendAnswer } from '../answer.ts'
import type { Answer } from '../answer.ts'
import type { AnswerMemory } from '../answer-memory.ts'
import { answerError, answerOtherMethods } from '../errors.ts'
import { presentPeriod } from '../presenter.ts'
import type { HasPublicBoards } from '../public-boards.ts'
import { readGuildId, readSequence } from '../request-fields.ts'

export interface VerifyPeriodDeps {
  readonly records: RecordReader
  readonly trusted: TrustedClusterKeys
  readonly memory: AnswerMemory
  readonly hasPublicBoards: HasPublicBoards
}

export function verifyPeriodRoutes(deps: VerifyPeriodDeps): Router {
  const router = Router()
  router.get('/verify/period/:guildId/:index', async (request, response) => {
    const guildId = readGuildId(request.params.guildId)
    const index = readSequence(request.params.index)
    if (guildId === null || index === null) {
      return answerError(response, 400, 'not-a-period', 'a period is named by a guild id and its index, counted from 1')
    }
    const answer = await deps.memory.find(`period ${guildId} ${index}`, () => verify(deps, { guildId, index }))
    if (answer === null) return answerError(response, 404, 'unknown-record', 'there is no receipt of this period')
    sendAnswer(request, response, answer)
  })
  router.all('/verify/period/:guildId/:index', answerOtherMethods)
  return router
}

async function verify(deps: VerifyPeriodDeps, period: { readonly guildId: string; readonly index: number }): Promise<Answer | null> {
  const recordId = await deps.records.findPeriodId(period)
  const found = recordId === null ? null : await deps.records.findRecord(recordId, ['period'])
  // Another guild's record under this id: the column that led here was edited, and says nothing.
  if (found?.kind !== 'sealed' || found.evidence.receipt.guildId !== period.guildId) return null
  const isPublic = await deps.hasPublicBoards(period.guildId)
  const publicKey = findPublicKey(deps.trusted, found.evidence)
  return jsonAnswer(presentPeriod(computeVerdict(deps.trusted, found.evidence), found.evidence, { ...period, isPublic, publicKey }))
}
