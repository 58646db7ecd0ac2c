/**
 * The rows, in the order of the design's table.
 */
import { askRow } from './ask-row.ts'
import type { BenchRow } from './bench-row.ts'
import { commitRow } from './commit-row.ts'

export const rows: readonly BenchRow[] = [commitRow, askRow]
