/**
 * `GET /verify/session/{uuid}` and `GET /verify/attendance/{uuid}`: the verdict on one record, with everything needed to
 * check it without us.
 */
import { Router } from 'express'
import type { RecordType } from '../../actors/protocol/record.ts'
import type { TrustedClusterKeys } from '../../actors/records/cluster-key.ts'
import type { RecordReader } from '../../actors/records/record-reader.ts'
import { judgeAside } from '../../actors/records/verdict.ts'
import { jsonAnswer, sendAnswer } from '../answer.ts'
import type { Answer } from '../answer.ts'
import type { AnswerMemory } from '../answer-memory.ts'
import { answerError, answerOtherMethods } from '../errors.ts'
import { presentVerdict, waitingAnswer } from '../presenter.ts'
import { readUuid } from '../request-fields.ts'

export interface VerifyRecordDeps {
  readonly records: RecordReader
  readonly trusted: TrustedClusterKeys
  readonly memory: AnswerMemory
}

/** The word in the address, and which records it names. */
const kinds: Readonly<Record<string, readonly RecordType[]>> = { session: ['voice-session'], attendance: ['attendance'] }

export function verifyRecordRoutes(deps: VerifyRecordDeps, options: { readonly publicUrl: string | null }): Router {
  const router = Router()
  for (const [kind, types] of Object.entries(kinds)) {
    router.get(`/verify/${kind}/:recordId`, (request, response) => {
      const recordId = readUuid(request.params['recordId'])
      if (recordId === null) return answerError(response, 400, 'not-a-uuid', 'the id of a record is a UUID')
      const send = (answer: Answer | null): void => {
        if (answer === null) answerError(response, 404, 'unknown-record', `there is no ${kind} with this id`)
        else sendAnswer(request, response, answer)
      }
      const found = deps.memory.find(`${kind} ${recordId}`, () => verify(deps, options, recordId, types))
      // A promise is returned, so that Express hears of it when it rejects.
      return found instanceof Promise ? found.then(send) : send(found)
    })
    router.all(`/verify/${kind}/:recordId`, answerOtherMethods)
  }
  return router
}

async function verify(
  deps: VerifyRecordDeps,
  options: { readonly publicUrl: string | null },
  recordId: string,
  types: readonly RecordType[],
): Promise<Answer | null> {
  const found = await deps.records.findRecord(recordId, types)
  if (found.kind === 'unknown') return null
  if (found.kind === 'waiting') return jsonAnswer(waitingAnswer)
  const { verdict, publicKey } = await judgeAside(deps.trusted, found.evidence)
  // Never from the Host header: what is cached for everybody must not repeat what one asker sent.
  const address = options.publicUrl ?? ''
  return jsonAnswer({
    ...presentVerdict(verdict, found.evidence, publicKey),
    receipt_url: `${address}/receipts/${recordId}`,
    page_url: `${address}/v/${recordId}`,
  })
}
