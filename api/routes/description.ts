/**
 * `GET /openapi.json`: the description of this API for programs. `GET /docs`: the same for people. `GET /` leads there.
 */
import { Router } from 'express'
import type { z } from 'zod'
import { version } from '../../kernel/version.ts'
import type { ShownOperation } from '../../web/page/docs-page.ts'
import { renderDocsPage } from '../../web/page/docs-page.ts'
import { answerOf, jsonAnswer, sendAnswer } from '../answer.ts'
import type { Assets } from '../assets.ts'
import { answerOtherMethods } from '../errors.ts'
import { createOpenApiDocument, schemaOf } from '../openapi/document.ts'
import { operations } from '../openapi/operations.ts'
import type { Operation } from '../openapi/operations.ts'
import { pageHeaders } from '../page-headers.ts'

const hourCaching = { 'Cache-Control': 'public, max-age=3600' }

export function descriptionRoutes(assets: Assets, options: { readonly publicUrl: string | null }): Router {
  const router = Router()
  const document = jsonAnswer(createOpenApiDocument({ version, publicUrl: options.publicUrl }), hourCaching)
  const page = renderDocsPage(operations.map(showOperation), assets.page)
  const docs = answerOf(page.text, 'text/html; charset=utf-8', { ...pageHeaders, ...hourCaching })
  router.get('/openapi.json', (request, response) => sendAnswer(request, response, document))
  router.get('/docs', (request, response) => sendAnswer(request, response, docs))
  router.get('/', (_request, response) => response.redirect(302, '/docs'))
  router.all(['/', '/openapi.json', '/docs'], answerOtherMethods)
  return router
}

function showOperation({ method, path, id, summary, description, parameters, body, outcomes }: Operation): ShownOperation {
  return {
    method, path, id, summary,
    description: description ?? null,
    parameters: parameters.map((parameter) => ({ name: parameter.name, place: parameter.in, description: parameter.description })),
    body: body === undefined ? [] : fieldsOf(body),
    outcomes: outcomes.map((outcome) => ({ status: outcome.status, description: outcome.description })),
  }
}

function fieldsOf(schema: z.ZodType): ShownOperation['body'] {
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    readonly properties?: Readonly<Record<string, { readonly description?: string; readonly enum?: readonly string[] }>>
    readonly required?: readonly string[]
  }
  return Object.entries(properties).map(([name, { description, enum: words }]) => ({
    name,
    description: [description ?? '', words === undefined ? '' : words.join(', '), required.includes(name) ? '' : '(optional)'].filter((text) => text !== '').join(' '),
  }))
}
