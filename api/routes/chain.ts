/**
 * `GET /verify/chain/{guild}?from&to`: the hashes of a guild's receipts in order and its signed head, for a third party
 * to recompute; with our own verdict and the first sequence that is wrong.
 */
import { setImmediate } from 'node:timers/promises'
import { Router } from 'express'
import { verifyChainPage } from '../../actors/records/chain-page.ts'
import type { PageVerdict } from '../../actors/records/chain-page.ts'
import type { TrustedClusterKeys } from '../../actors/records/cluster-key.ts'
import type { RecordReader } from '../../actors/records/record-reader.ts'
import { answerError, answerOtherMethods } from '../errors.ts'
import { allowShortCaching } from '../headers.ts'
import { presentChain } from '../presenter.ts'
import { chainPageMax, readGuildId, readSequenceRange } from '../request-fields.ts'

export function chainRoutes(deps: { readonly records: RecordReader; readonly trusted: TrustedClusterKeys }): Router {
  const router = Router()
  router.get('/verify/chain/:guildId', async (request, response) => {
    const guildId = readGuildId(request.params.guildId)
    if (guildId === null) return answerError(response, 400, 'not-a-guild-id', 'the id of a guild is a Discord id')
    const range = readSequenceRange(request.query)
    if (range === null) {
      const message = `from and to are sequences from 1, at most ${chainPageMax} receipts apart`
      return answerError(response, 400, 'not-a-range', message)
    }
    const page = await deps.records.readChain({ guildId, ...range })
    if (page.newestSequence === 0 && page.head === null && page.keys.length === 0) {
      return answerError(response, 404, 'unknown-guild', 'this guild has no receipts')
    }
    const verdict = await inSlices(verifyChainPage(deps.trusted, page, { guildId, ...range }))
    allowShortCaching(response)
    response.json(presentChain(verdict, guildId, page))
  })
  router.all('/verify/chain/:guildId', answerOtherMethods)
  return router
}

/** Runs the steps, letting other requests go between them. */
async function inSlices(steps: Generator<undefined, PageVerdict>): Promise<PageVerdict> {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    await setImmediate()
  }
}
