/**
 * 50 guilds × 200 members join within one second, over two shard processes: `node --import tsx test/bench/voice-storm.ts`.
 * Prints the figures; exit code 1 when a session did not open or a heartbeat was later than its interval + 1 s.
 */
import { cpus } from 'node:os'
import { runVoiceStorm } from '../support/voice-storm.ts'

const figures = await runVoiceStorm({ guildCount: 50, membersPerGuild: 200 })
process.stdout.write(`${JSON.stringify({ cores: cpus().length, node: process.version, ...figures }, null, 2)}\n`)
const isSound = figures.sessionsOpened === figures.joins && figures.doubled === 0 && figures.heartbeatLateMsMax < 1_000
process.exitCode = isSound ? 0 : 1
