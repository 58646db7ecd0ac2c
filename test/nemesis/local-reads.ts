/**
 * Questions inside an owner process, as its own front door has them: reads of home guilds, answered from memory.
 *
 * This is where an owner that lost its slots without noticing would speak of the past (I6): a process that wakes from a
 * stop asks itself at once. What it answers is written down at once and compared with what the client knew by then.
 */
import { randomBytes, randomInt } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import type { ActorRuntime } from '../../actors/runtime/actor-runtime.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { opId } from '../../kernel/ids.ts'
import { uuidV7 } from '../../kernel/uuid.ts'
import { machineMs } from './machine-time.ts'
import { readCommand, readRecord } from './read-question.ts'
import { recordLine } from './record.ts'

/** Several at once, so that the first breath after a stop holds questions of several guilds. */
const readsAtOnce = 8
const intervalMs = 40
const deadlineInMs = 2_000

export interface LocalReads {
  stop(): void
}

export function startLocalReads(
  deps: { readonly runtime: ActorRuntime; readonly clock: Clock; readonly now: () => number },
  options: { readonly guilds: readonly GuildId[]; readonly file: string },
): LocalReads {
  const file = openSync(options.file, 'a')
  let open = 0
  let timer: Timer | null = null
  const endWhenIdle = (): void => {
    if (timer === null && open === 0) closeSync(file)
  }
  const read = async (): Promise<void> => {
    const guildId = options.guilds[randomInt(options.guilds.length)] as GuildId
    const question = { askedAt: machineMs(), guildId, opId: opId(uuidV7(Date.now(), randomBytes(16))) }
    open += 1
    const deadlineAt = deps.now() + deadlineInMs
    const outcome = await deps.runtime.ask({ ...question, command: readCommand, receivedAt: null, deadlineAt })
    const record = readRecord(question, outcome)
    if (record !== null) writeSync(file, recordLine(record))
    open -= 1
    endWhenIdle()
  }
  const tick = (): void => {
    timer = deps.clock.after(intervalMs, tick)
    for (let count = 0; count < readsAtOnce; count += 1) void read()
  }
  tick()
  return {
    stop() {
      timer?.cancel()
      timer = null
      endWhenIdle()
    },
  }
}
