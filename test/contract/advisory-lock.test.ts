/** The advisory lock: in memory and as redlock on Redis. */
import { describeAdvisoryLock } from './advisory-lock.contract.ts'
import { memoryRedis, realRedis } from './redis-stores.ts'

describeAdvisoryLock('memory', memoryRedis)
describeAdvisoryLock('redis', realRedis)
