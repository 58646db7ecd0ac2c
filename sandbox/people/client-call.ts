/**
 * One HTTP call to the people face: JSON there and back, refusals rethrown under their code.
 */
import { z } from 'zod'
import { AppError } from '../../kernel/errors.ts'
import type { PeopleRefusalCode } from './refused.ts'
import { PeopleRefused } from './refused.ts'

export interface Caller {
  get<Answer>(path: string): Promise<Answer>
  getLines<Line>(path: string): Promise<Line[]>
  post<Answer>(path: string, body: object): Promise<Answer>
  /** A post whose answer says nothing. */
  act(path: string, body?: object): Promise<void>
}

const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

export function createCaller(baseUrl: string): Caller {
  const call = async (path: string, init: RequestInit = {}): Promise<string> => {
    let response: Response
    try {
      response = await fetch(`${baseUrl}${path}`, init)
    } catch (cause) {
      throw new AppError('discord-unavailable', `the sandbox at ${baseUrl} does not answer`, { cause })
    }
    const text = await response.text()
    if (response.ok) return text
    throw toError(path, response.status, text)
  }
  const post = (path: string, body: object): Promise<string> =>
    call(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
  return {
    // The sandbox of the same version answers in these types; a client of tests does not check them again.
    get: async <Answer>(path: string) => JSON.parse(await call(path)) as Answer,
    async getLines<Line>(path: string) {
      const lines = (await call(path)).split('\n').filter((line) => line !== '')
      return lines.map((line) => JSON.parse(line) as Line)
    },
    post: async <Answer>(path: string, body: object) => JSON.parse(await post(path, body)) as Answer,
    async act(path, body = {}) {
      await post(path, body)
    },
  }
}

function toError(path: string, status: number, text: string): Error {
  try {
    const { error } = errorSchema.parse(JSON.parse(text))
    return new PeopleRefused(error.code as PeopleRefusalCode, error.message)
  } catch (cause) {
    return new AppError('discord-refused', `the sandbox answered ${status} to ${path}`, { cause, context: { status } })
  }
}
