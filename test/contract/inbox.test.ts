/** Slot inboxes: in memory and as Redis streams. */
import { describeInbox } from './inbox.contract.ts'
import { memoryRedis, realRedis } from './redis-stores.ts'

describeInbox('memory', memoryRedis)
describeInbox('redis', realRedis)
