/**
 * What fails in Redis is one thing to the rest of the house: it is away for now. Nobody exits because of it.
 */
import { AppError, coerceError } from '../../kernel/errors.ts'
import type { ErrorContext } from '../../kernel/errors.ts'

/** Runs a command; whatever fails is thrown as `redis-unavailable`, taken effect or not. */
export async function askRedis<Result>(what: string, context: ErrorContext, ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask()
  } catch (thrown) {
    const error = coerceError(thrown)
    throw new AppError('redis-unavailable', `${what}: ${error.message}`, { cause: error, context })
  }
}
