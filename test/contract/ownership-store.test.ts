/** The ownership store: in memory and on Postgres. */
import { memoryDatabase, postgresDatabase } from './database-stores.ts'
import { describeOwnershipStore } from './ownership-store.contract.ts'

describeOwnershipStore('memory', memoryDatabase)
describeOwnershipStore('postgres', postgresDatabase)
