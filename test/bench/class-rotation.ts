/**
 * Codes of many classes changing at once: `node --import tsx test/bench/class-rotation.ts [guilds] [seconds]`; 450 classes at
 * 15 s for a minute without arguments. Prints one line, and ends with 1 when anything was refused that must not be.
 */
import { availableParallelism, loadavg } from 'node:os'
import { runRotation } from '../support/rotation-run.ts'
import { mochaGlobalTeardown as stopServers } from '../support/servers.ts'

const [guilds = '450', seconds = '60'] = process.argv.slice(2)
const figures = await runRotation({ guilds: Number(guilds), intervalSeconds: 15, runMs: Number(seconds) * 1_000 })
const load = loadavg().map((part) => Math.round(part * 10) / 10)
process.stdout.write(`${JSON.stringify({ cores: availableParallelism(), load, ...figures })}\n`)
await stopServers()
process.exitCode = figures.tooManyRequests === 0 && figures.refused === 0 ? 0 : 1
