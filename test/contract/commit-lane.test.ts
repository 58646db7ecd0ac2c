/** The commit lane: in memory and on Postgres. */
import { describeCommitLane } from './commit-lane.contract.ts'
import { memoryDatabase, postgresDatabase } from './database-stores.ts'

describeCommitLane('memory', memoryDatabase)
describeCommitLane('postgres', postgresDatabase)
