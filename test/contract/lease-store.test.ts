/** Leases and directory: in memory and on Redis. */
import { describeLeaseStore } from './lease-store.contract.ts'
import { memoryRedis, realRedis } from './redis-stores.ts'

describeLeaseStore('memory', memoryRedis)
describeLeaseStore('redis', realRedis)
