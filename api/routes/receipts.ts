/**
 * `GET /receipts/{uuid}`: the receipt file, to keep. It verifies offline for ever, also when this server is gone.
 *
 * Of periods only where the guild shows its boards: their bytes are everybody's hours (verify-period.ts). Given out only with
 * a key that is believed: a file with somebody else's key would look as good as a real one to whoever checks it by the key
 * inside.
 */
import { Router } from 'express'
import type { TrustedClusterKeys } from '../../actors/records/cluster-key.ts'
import type { RecordReader } from '../../actors/records/record-reader.ts'
import { findPublicKey } from '../../actors/records/verdict.ts'
import { answerError, answerOtherMethods } from '../errors.ts'
import { allowShortCaching } from '../headers.ts'
import { receiptFile } from '../../actors/records/receipt-file.ts'
import type { HasPublicBoards } from '../public-boards.ts'
import { readUuid } from '../request-fields.ts'

export interface ReceiptDeps {
  readonly records: RecordReader
  readonly trusted: TrustedClusterKeys
  readonly hasPublicBoards: HasPublicBoards
}

export function receiptRoutes(deps: ReceiptDeps): Router {
  const router = Router()
  router.get('/receipts/:recordId', async (request, response) => {
    const recordId = readUuid(request.params.recordId)
    if (recordId === null) return answerError(response, 400, 'not-a-uuid', 'the id of a record is a UUID')
    const found = await deps.records.findRecord(recordId, ['voice-session', 'attendance', 'period'])
    const isHidden = found.kind === 'sealed' && found.evidence.receipt.type === 'period' && !(await deps.hasPublicBoards(found.evidence.receipt.guildId))
    if (found.kind === 'unknown' || isHidden) return answerError(response, 404, 'unknown-record', 'there is no record with this id that is given out')
    if (found.kind === 'waiting') return answerError(response, 409, 'not-signed-yet', 'the record is not signed yet')
    const version = request.query['signing_version'] ?? '2'
    if (version !== '1' && version !== '2') return answerError(response, 400, 'malformed-request', 'signing_version is 1 or 2')
    const { receipt, version1 } = found.evidence
    if (receipt.signed === null) return answerError(response, 410, 'erased', 'the record was erased')
    const publicKey = findPublicKey(deps.trusted, found.evidence)
    if (publicKey === null) {
      return answerError(response, 409, 'key-not-believed', 'the key of this record is not stated by this cluster')
    }
    const parts = version === '2' ? { signed: receipt.signed, signature: receipt.signature } : version1
    if (parts === undefined) return answerError(response, 404, 'unknown-record', 'the record was not issued in signing version 1')
    allowShortCaching(response)
    response.set('Content-Disposition', `attachment; filename="receipt-${recordId}${version === '1' ? '-version-1' : ''}.json"`)
    response.json(receiptFile({ ...parts, keyId: receipt.keyId, publicKey }))
  })
  router.all('/receipts/:recordId', answerOtherMethods)
  return router
}
