/**
 * The rows, in the order of the design's table.
 */
import { activationRow } from './activation-row.ts'
import { askRow } from './ask-row.ts'
import type { BenchRow } from './bench-row.ts'
import { buttonRow } from './button-row.ts'
import { commitRow } from './commit-row.ts'
import { crashRow } from './crash-row.ts'
import { gatewayRow } from './gateway-row.ts'
import { memoryRow } from './memory-row.ts'
import { readRow } from './read-row.ts'
import { respawnRow } from './respawn-row.ts'
import { verifyRow } from './verify.ts'

export const rows: readonly BenchRow[] = [commitRow, askRow, readRow, gatewayRow, buttonRow, crashRow, respawnRow, activationRow, memoryRow, verifyRow]
