/**
 * A request's name as an API process makes one: a UUIDv7, which carries the time it was made.
 */
import { randomBytes } from 'node:crypto'
import type { OpId } from '../../kernel/ids.ts'
import { opId } from '../../kernel/ids.ts'
import { uuidV7 } from '../../kernel/uuid.ts'

export const requestId = (): OpId => opId(uuidV7(Date.now(), randomBytes(16)))
