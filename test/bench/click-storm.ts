/**
 * Crowds at role panels, with Discord's own limits: `node --import tsx test/bench/click-storm.ts [fifty] [kill] [order] [one] [seats]`.
 *
 *   fifty   5,000 clicks over 50 servers within a second, two processes
 *   kill    the same, and one process is killed in the middle
 *   order   1,000 clicks over 50 servers by half as many members, many of them give, take, give without waiting
 *   one     500 clicks in one server: Discord takes ten role changes in ten seconds of a server, so this takes 500 seconds
 *   seats   500 clicks in one server for ten seats
 *
 * Without names fifty, kill and seats. Prints the figures; exit code 1 when somebody was not acknowledged or answered, or
 * told what is not so.
 */
import { cpus, loadavg } from 'node:os'
import type { ClickStormFigures, ClickStormOptions } from '../support/click-storm.ts'
import { runClickStorm } from '../support/click-storm.ts'
import { mochaGlobalTeardown } from '../support/servers.ts'

const fifty: ClickStormOptions = { guildCount: 50, membersPerGuild: 100, processCount: 2, seats: null, killAfterAnswers: null }
const storms: Readonly<Record<string, ClickStormOptions>> = {
  fifty,
  kill: { ...fifty, killAfterAnswers: 500 },
  order: { ...fifty, membersPerGuild: 10, thriceOf: 2 },
  one: { ...fifty, guildCount: 1, membersPerGuild: 500, processCount: 1 },
  seats: { ...fifty, guildCount: 1, membersPerGuild: 500, processCount: 1, seats: 10 },
}

const isSound = (options: ClickStormOptions, figures: ClickStormFigures): boolean =>
  figures.notAcknowledged === 0 &&
  figures.notAnswered === 0 &&
  figures.toldWrongly === 0 &&
  figures.outOfOrder === 0 &&
  // Requests that a saturated machine holds back come in one of Discord's seconds; whoever takes over does not know its windows.
  figures.rateLimited * 100 <= figures.clicks &&
  figures.answeredOtherwise.length === 0 &&
  figures.holders.reduce((sum, count) => sum + count, 0) === (options.seats ?? options.membersPerGuild) * options.guildCount

const names = process.argv.slice(2)
let sound = true
try {
  for (const name of names.length === 0 ? ['fifty', 'kill', 'seats'] : names) {
    const options = storms[name]
    if (options === undefined) throw new Error(`no storm ${name}; there are: ${Object.keys(storms).join(', ')}`)
    const figures = await runClickStorm(options)
    sound &&= isSound(options, figures)
    process.stdout.write(`${JSON.stringify({ storm: name, cores: cpus().length, node: process.version, load: loadavg()[0], ...figures }, null, 2)}\n`)
  }
} finally {
  await mochaGlobalTeardown()
}
process.exitCode = sound ? 0 : 1
