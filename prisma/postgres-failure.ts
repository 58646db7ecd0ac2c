/**
 * What a failed statement means, in the three words the rest of the house knows.
 *
 * SQLSTATE class 22 (data exception) and 23 (integrity constraint violation) condemn the rows: nothing was written and
 * nothing will be. Everything else may be over in a moment. https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
import { AppError, codeOf, coerceError } from '../kernel/errors.ts'
import type { ErrorContext } from '../kernel/errors.ts'

/** The SQLSTATE if the rows themselves were refused. */
export function poisonStateOf(error: Error): string | null {
  const code = codeOf(error)
  return code !== undefined && /^2[23][0-9A-Z]{3}$/.test(code) ? code : null
}

/** Runs a statement; what fails is thrown as `postgres-refused` (rows or text are wrong) or `postgres-unavailable`. */
export async function askPostgres<Result>(
  what: string,
  context: ErrorContext,
  ask: () => Promise<Result>,
): Promise<Result> {
  try {
    return await ask()
  } catch (thrown) {
    const error = coerceError(thrown)
    const sqlState = codeOf(error) ?? 'none'
    // Class 42: our text does not fit the database (a missing table, a missing right). Retrying does not help either.
    const refused = poisonStateOf(error) !== null || /^42[0-9A-Z]{3}$/.test(sqlState)
    throw new AppError(refused ? 'postgres-refused' : 'postgres-unavailable', `${what}: ${error.message}`, {
      cause: error,
      context: { ...context, sqlState },
    })
  }
}
