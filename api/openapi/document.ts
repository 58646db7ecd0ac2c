/**
 * The description of the API (OpenAPI 3.1), written from its operations; JSON Schema 2020-12 comes from zod as it is.
 * https://spec.openapis.org/oas/v3.1.1.html
 */
import { z } from 'zod'
import { errorAnswer } from '../schemas/answers.ts'
import { operations } from './operations.ts'
import type { Operation, Outcome, Parameter } from './operations.ts'

export type OpenApiDocument = Readonly<Record<string, unknown>> & {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export function createOpenApiDocument(options: { readonly version: string; readonly publicUrl: string | null }): OpenApiDocument {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const operation of operations) (paths[operation.path] ??= {})[operation.method] = describe(operation)
  return {
    openapi: '3.1.1',
    info: {
      title: 'Muster',
      version: options.version,
      description: 'Signed attendance records: anybody may check them, without an account and with tools of their own.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    ...(options.publicUrl === null ? {} : { servers: [{ url: options.publicUrl }] }),
    paths,
  }
}

function describe({ id, summary, description, parameters, body, outcomes }: Operation): Readonly<Record<string, unknown>> {
  return {
    operationId: id,
    summary,
    ...(description === undefined ? {} : { description }),
    parameters: parameters.map(describeParameter),
    ...(body === undefined ? {} : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body, 'input') } } } }),
    responses: Object.fromEntries(outcomes.map((outcome) => [String(outcome.status), describeOutcome(outcome)])),
  }
}

const describeParameter = ({ name, in: place, required, description, schema }: Parameter) => ({
  name, in: place, required, description, schema: schemaOf(schema, 'input'),
})

function describeOutcome({ status, description, schema, contentType }: Outcome): Readonly<Record<string, unknown>> {
  if (status === 304) return { description }
  if (contentType === 'text/html') return { description, content: { 'text/html': { schema: { type: 'string' } } } }
  return { description, content: { [contentType ?? 'application/json']: { schema: schemaOf(schema ?? errorAnswer, 'output') } } }
}

export function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Readonly<Record<string, unknown>> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' })
  return rest
}
