/**
 * `GET /receipts/{uuid}`: the receipt file, to keep. It verifies offline for ever, also when this server is gone.
 *
 * Not of periods: their bytes are everybody's hours (verify-period.ts). Given out only with a key that is believed: a file with somebody else's key would look as good as a real one to
 * whoever checks it by the key inside.
 */
import { Router } from 'express'
import type { TrustedClusterKeys } from '../../actors/records/cluster-key.ts'
import type { RecordReader } from '../../actors/records/record-reader.ts'
import { answerError, answerOtherMethods } from '../errors.ts'
import { allowShortCaching } from '../headers.ts'
import { findPublicKey, presentReceiptFile } from '../presenter.ts'
import { readUuid } from '../request-fields.ts'

export function receiptRoutes(deps: { readonly records: RecordReader; readonly trusted: TrustedClusterKeys }): Router {
  const router = Router()
  router.get('/receipts/:recordId', async (request, response) => {
    const recordId = readUuid(request.params.recordId)
    if (recordId === null) return answerError(response, 400, 'not-a-uuid', 'the id of a record is a UUID')
    const found = await deps.records.findRecord(recordId, ['voice-session', 'attendance'])
    if (found.kind === 'unknown') return answerError(response, 404, 'unknown-record', 'there is no record with this id')
    if (found.kind === 'waiting') return answerError(response, 409, 'not-signed-yet', 'the record is not signed yet')
    const { receipt } = found.evidence
    if (receipt.signed === null) return answerError(response, 410, 'erased', 'the record was erased')
    const publicKey = findPublicKey(deps.trusted, found.evidence)
    if (publicKey === null) {
      return answerError(response, 409, 'key-not-believed', 'the key of this record is not stated by this cluster')
    }
    allowShortCaching(response)
    response.set('Content-Disposition', `attachment; filename="receipt-${recordId}.json"`)
    response.json(presentReceiptFile(receipt.signed, receipt, publicKey))
  })
  router.all('/receipts/:recordId', answerOtherMethods)
  return router
}
