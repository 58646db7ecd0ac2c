/**
 * `GET /verify/session/{uuid}`: the verdict on one voice session, with everything needed to check it without us.
 */
import { Router } from 'express'
import type { TrustedClusterKeys } from '../../actors/records/cluster-key.ts'
import type { RecordReader } from '../../actors/records/record-reader.ts'
import { computeVerdict } from '../../actors/records/verdict.ts'
import { answerError, answerOtherMethods } from '../errors.ts'
import { allowShortCaching } from '../headers.ts'
import { findPublicKey, presentVerdict, waitingAnswer } from '../presenter.ts'
import { readUuid } from '../request-fields.ts'

export function verifySessionRoutes(
  deps: { readonly records: RecordReader; readonly trusted: TrustedClusterKeys },
  options: { readonly publicUrl: string | null },
): Router {
  const router = Router()
  router.get('/verify/session/:recordId', async (request, response) => {
    const recordId = readUuid(request.params.recordId)
    if (recordId === null) return answerError(response, 400, 'not-a-uuid', 'the id of a session is a UUID')
    const found = await deps.records.findRecord(recordId, ['voice-session'])
    switch (found.kind) {
      case 'unknown':
        return answerError(response, 404, 'unknown-record', 'there is no session with this id')
      case 'waiting':
        allowShortCaching(response)
        return void response.json(waitingAnswer)
      case 'sealed': {
        const verdict = computeVerdict(deps.trusted, found.evidence)
        allowShortCaching(response)
        return void response.json({
          ...presentVerdict(verdict, found.evidence, findPublicKey(deps.trusted, found.evidence)),
          // Never from the Host header: what is cached for everybody must not repeat what one asker sent.
          receipt_url: `${options.publicUrl ?? ''}/receipts/${recordId}`,
        })
      }
    }
  })
  router.all('/verify/session/:recordId', answerOtherMethods)
  return router
}
