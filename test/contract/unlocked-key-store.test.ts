/** Copies of unlocked keys: in memory and on Redis. */
import { memoryRedis, realRedis } from './redis-stores.ts'
import { describeUnlockedKeyStore } from './unlocked-key-store.contract.ts'

describeUnlockedKeyStore('memory', memoryRedis)
describeUnlockedKeyStore('redis', realRedis)
