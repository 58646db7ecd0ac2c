/**
 * `GET /v/{uuid}`: the page about one record, for people. `GET /assets/…`: its style and script.
 *
 * The verdict is the same as the JSON's. Errors here are pages too: whoever follows a link does not read JSON.
 */
import { createHash } from 'node:crypto'
import { Router } from 'express'
import type { Request, Response } from 'express'
import type { TrustedClusterKeys } from '../../actors/records/cluster-key.ts'
import type { RecordReader } from '../../actors/records/record-reader.ts'
import { computeVerdict } from '../../actors/records/verdict.ts'
import { renderNoticePage } from '../../web/page/notice-page.ts'
import { renderRecordPage } from '../../web/page/record-page.ts'
import type { RecordPageModel } from '../../web/page/record-page.ts'
import { answerOf, sendAnswer } from '../answer.ts'
import type { Answer } from '../answer.ts'
import type { AnswerMemory } from '../answer-memory.ts'
import type { Assets } from '../assets.ts'
import { answerOtherMethods } from '../errors.ts'
import { pageHeaders } from '../page-headers.ts'
import { modelOfRecord, waitingModel } from '../page-model.ts'
import type { HasPublicBoards } from '../public-boards.ts'
import { readUuid } from '../request-fields.ts'

export interface PageDeps {
  readonly records: RecordReader
  readonly trusted: TrustedClusterKeys
  readonly memory: AnswerMemory
  readonly assets: Assets
  readonly hasPublicBoards: HasPublicBoards
  /** How others reach this process; null: links are paths. */
  readonly publicUrl: string | null
  /** Unix milliseconds. */
  now(): number
}

export function pageRoutes(deps: PageDeps): Router {
  const router = Router()
  router.get('/v/:recordId', async (request, response) => {
    const recordId = readUuid(request.params.recordId)
    if (recordId === null) {
      return notice(deps, response, 400, 'This link is broken', 'A record is named by 36 letters and digits with four hyphens. Something is missing or was added.')
    }
    const page = await deps.memory.find(`page ${recordId}`, () => makePage(deps, recordId))
    if (page === null) {
      return notice(deps, response, 404, 'There is no such record', 'Nothing was ever recorded under this link on this server, or the link has a typing mistake.')
    }
    sendAnswer(request, response, page)
  })
  router.all('/v/:recordId', answerOtherMethods)
  router.get('/assets/:name', (request, response, next) => sendAsset(deps.assets, request, response, next))
  return router
}

async function makePage(deps: PageDeps, recordId: string): Promise<Answer | null> {
  const found = await deps.records.findRecord(recordId, ['voice-session', 'attendance', 'period'])
  if (found.kind === 'unknown') return null
  const address = `${deps.publicUrl ?? ''}/v/${recordId}`
  const frame = { recordId, address, checkedAt: new Date(deps.now()).toISOString(), assets: deps.assets.page }
  if (found.kind === 'waiting') return pageAnswer({ ...waitingModel, ...frame })
  const { receipt } = found.evidence
  const hidesEntries = receipt.type === 'period' && !(await deps.hasPublicBoards(receipt.guildId))
  const verdict = computeVerdict(deps.trusted, found.evidence)
  return pageAnswer({ ...modelOfRecord(deps.trusted, found.evidence, { verdict, hidesEntries }), ...frame })
}

/** The tag is of what is said and not of when it was checked: the same verdict is the same page. */
function pageAnswer(model: RecordPageModel): Answer {
  const { checkedAt: _when, ...said } = model
  const tag = createHash('sha256').update(JSON.stringify(said)).digest('base64url').slice(0, 27)
  return { ...answerOf(renderRecordPage(model).text, 'text/html; charset=utf-8', pageHeaders), etag: `"${tag}"` }
}

function notice(deps: PageDeps, response: Response, status: number, headline: string, text: string): void {
  response.status(status).set({ ...pageHeaders, 'Cache-Control': 'no-store', 'Content-Type': 'text/html; charset=utf-8' })
  response.end(renderNoticePage({ headline, text, assets: deps.assets.page }).text)
}

function sendAsset(assets: Assets, request: Request, response: Response, next: () => void): void {
  const file = assets.files.get(request.path)
  if (file === undefined) next()
  else sendAnswer(request, response, file)
}
