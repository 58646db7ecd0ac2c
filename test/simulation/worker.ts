/**
 * A worker process: runs the seeds it is told to and sends its report to its parent.
 */
import { runSeeds } from './seed-run.ts'
import type { SeedRange } from './seed-run.ts'

process.once('message', (range: SeedRange) => {
  void runSeeds(range).then((report) => {
    process.send?.(report, () => process.disconnect())
  })
})
