/**
 * The storm of a class in its long form: `node --import tsx test/bench/class-storm.ts [members] [rounds] [kill|rescale|nothing]`.
 *
 * 10,000 members within 10 s, ten rounds, SIGKILL to the owner in the middle of each, or a live rescale under them. Before each a
 * class of 1,500: processes that serve are no newborns. Prints a line a round and ends with 1 when anything told was not in
 * the list, stood there twice, or stood there uninvited.
 */
import { availableParallelism, loadavg } from 'node:os'
import { runClassStorm } from '../support/class-storm.ts'
import { mochaGlobalTeardown as stopServers } from '../support/servers.ts'

const [members = '10000', rounds = '10', how = 'kill'] = process.argv.slice(2)
let broken = 0
for (let round = 1; round <= Number(rounds); round += 1) {
  const meanwhile = how === 'rescale' || how === 'nothing' ? how : 'kill'
  const tell = (line: string): void => void process.stderr.write(`round ${round}, ${Math.round(performance.now() / 1000)} s: ${line}\n`)
  const figures = await runClassStorm({ members: Number(members), spreadMs: Number(members), meanwhile, rehearse: Math.min(1_500, Number(members)), tell })
  const isSound = figures.lost === 0 && figures.listedTwice === 0 && figures.uninvited === 0 && figures.alreadyRecorded === figures.secondTries
  broken += isSound ? 0 : 1
  const load = loadavg().map((part) => Math.round(part * 10) / 10)
  process.stdout.write(`${JSON.stringify({ round, isSound, cores: availableParallelism(), load, ...figures })}\n`)
}
await stopServers()
process.exitCode = broken === 0 ? 0 : 1
