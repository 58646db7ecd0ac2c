/** The guild store: in memory and on Postgres. */
import { memoryDatabase, postgresDatabase } from './database-stores.ts'
import { describeGuildStore } from './guild-store.contract.ts'

describeGuildStore('memory', memoryDatabase)
describeGuildStore('postgres', postgresDatabase)
