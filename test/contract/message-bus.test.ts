/** The message bus: in memory and as Redis pub/sub. */
import { describeMessageBus } from './message-bus.contract.ts'
import { memoryRedis, realRedis } from './redis-stores.ts'

describeMessageBus('memory', memoryRedis)
describeMessageBus('redis', realRedis)
