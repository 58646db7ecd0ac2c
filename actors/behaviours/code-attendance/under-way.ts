/**
 * How long a submission may have been under way to us and still count as typed in time. Longer than that it is late, not
 * wrong, however long it lay in our own hands afterwards.
 */
import type { CodeRule } from '../../protocol/code-session.ts'

/** Discord gives an answer three seconds: what comes to us later than that cannot be answered at once anyway. */
const answerMs = 3_000

export const underWayMs = ({ grace, intervalMs }: Pick<CodeRule, 'grace' | 'intervalMs'>): number => answerMs + grace * intervalMs
