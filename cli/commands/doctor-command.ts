/**
 * `muster doctor` on the command line.
 */
import type { Command } from 'commander'
import { createSystemClock } from '../../kernel/clock.ts'
import { examine } from '../doctor/doctor.ts'
import { effectiveSettings } from '../doctor/effective-settings.ts'
import { countLevel, presentFindings } from '../doctor/present.ts'
import { configJson, printConfig } from '../doctor/print-config.ts'
import { findEmbeddedPostgres } from '../embedded/embedded-postgres.ts'
import { findEmbeddedRedis } from '../embedded/embedded-redis.ts'
import { painterFor } from '../terminal.ts'

interface Options {
  readonly printConfig?: boolean
  readonly json?: boolean
}

const help = `
Nothing is changed and nothing is started. What is not configured is brought along by
\`muster up\`; it is looked at when it runs.

  muster doctor                  everything, each finding with what to do
  muster doctor --print-config   what each process reads here, secrets masked

Exit status: 0 nothing is wrong (warnings included), 1 there are problems, 2 it could
not look.`

export function addDoctorCommand(program: Command, end: (exitCode: number) => void): void {
  program
    .command('doctor')
    .description('look over node, ports, Postgres, Redis, Discord, clocks, keys and settings')
    .option('--print-config', 'show what every process reads from this environment, secrets masked')
    .option('--json', 'one JSON object')
    .addHelpText('after', help)
    .action(async (options: Options) => {
      const print = (text: string): void => void process.stdout.write(`${text}\n`)
      const paint = painterFor(process.stdout, process.env)
      if (options.printConfig === true) {
        const settings = effectiveSettings(process.env)
        print(options.json === true ? JSON.stringify(configJson(settings)) : printConfig(settings, paint))
        return end(settings.some(({ problem }) => problem !== null) ? 1 : 0)
      }
      const findings = await examine({
        clock: createSystemClock(),
        environment: process.env,
        nodeVersion: process.versions.node,
        findEmbedded: (server, folder) => (server === 'postgres' ? findEmbeddedPostgres(folder) : findEmbeddedRedis(folder)),
      })
      const problems = countLevel(findings, 'problem')
      print(options.json === true ? JSON.stringify({ ok: problems === 0, findings }) : presentFindings(findings, paint))
      end(problems === 0 ? 0 : 1)
    })
}
