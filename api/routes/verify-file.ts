/**
 * `POST /verify`: the verdict on a receipt file, from the bytes as they were sent and registered keys alone.
 *
 * Nothing is stored and no record is looked up: a file verifies also when its row was removed. Whether a record was
 * amended since is asked at its own address, which the answer names.
 */
import { Router } from 'express'
import type { TrustedClusterKeys } from '../../actors/records/cluster-key.ts'
import { checkSignatureAside } from '../../actors/records/ed25519.ts'
import { concludeFileCheck, parseSignedRecord, prepareFileCheck } from '../../actors/records/file-verdict.ts'
import type { FileVerdict } from '../../actors/records/file-verdict.ts'
import { parseReceiptFileBytes } from '../../actors/records/receipt-file.ts'
import { sendJson } from '../answer.ts'
import { answerError, answerOtherThanPost } from '../errors.ts'
import { presentFileVerdict } from '../presenter.ts'
import { bodyBytes, readBody } from '../read-body.ts'
import type { FindRegisteredKeys } from '../registered-keys.ts'

/** A period of 10,000 members in base64, and its file around it. */
const bodyLengthMax = 3 * 1024 * 1024

export interface VerifyFileDeps {
  readonly trusted: TrustedClusterKeys
  readonly registeredKeys: FindRegisteredKeys
}

export function verifyFileRoutes(deps: VerifyFileDeps, options: { readonly publicUrl: string | null }): Router {
  const router = Router()
  router.post('/verify', ...readBody(bodyLengthMax), async (request, response) => {
    const malformed = (problem: string): void => answerError(response, 400, 'not-a-receipt-file', problem)
    const file = parseReceiptFileBytes(bodyBytes(request))
    if (!file.ok) return malformed(file.problem)
    const record = parseSignedRecord(file.value.signed)
    if (!record.ok) return malformed(`the signed bytes are no receipt: ${record.problem}`)
    const keys = await deps.registeredKeys(record.value.guildId)
    const prepared = prepareFileCheck({ trusted: deps.trusted, keys }, file.value, record.value)
    const verdict: FileVerdict = prepared.ok
      ? concludeFileCheck(await checkSignatureAside(prepared.value))
      : { valid: false, reason: prepared.problem }
    sendJson(response, presentFileVerdict(verdict, record.value, file.value, options.publicUrl ?? ''))
  })
  router.all('/verify', answerOtherThanPost)
  return router
}
