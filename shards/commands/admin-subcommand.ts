/**
 * One subcommand of `/admin`: its definition and its answer. Whether the member may is asked before it (admin.ts).
 */
import type { APIApplicationCommandSubcommandOption } from 'discord-api-types/v10'
import type { Answer, CommandContext } from './slash-command.ts'

export interface AdminSubcommand {
  readonly definition: APIApplicationCommandSubcommandOption
  answer(context: CommandContext): Answer
}
