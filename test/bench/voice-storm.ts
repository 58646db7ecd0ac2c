/**
 * 50 guilds × 200 members join within one second, over two shard processes: `node --import tsx test/bench/voice-storm.ts`.
 * Prints the figures; exit code 1 when the joins took longer, a session did not open or opened twice, or a heartbeat was
 * later than its interval + 1 s.
 */
import { cpus, loadavg } from 'node:os'
import { runVoiceStorm } from '../support/voice-storm.ts'

const load = loadavg()[0]
const figures = await runVoiceStorm({ guildCount: 50, membersPerGuild: 200 })
process.stdout.write(`${JSON.stringify({ cores: cpus().length, node: process.version, load, ...figures }, null, 2)}\n`)
const { joins, joinsTookMs, sessionsOpened, doubled, heartbeatLateMsMax } = figures
const isSound = joinsTookMs <= 1_000 && sessionsOpened === joins && doubled === 0 && heartbeatLateMsMax < 1_000
process.exitCode = isSound ? 0 : 1
