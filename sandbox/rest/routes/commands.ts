/**
 * Registering application commands, globally and for one guild.
 *
 * Overwriting keeps the id of a command whose name and type stay; POST of a known name overwrites and answers 200, of
 * a new one 201. Both sets are checked as a whole (limits.commands) before anything changes.
 */
import type { APIApplicationCommand, RESTPostAPIApplicationCommandsJSONBody } from 'discord-api-types/v10'
import type { RESTPatchAPIApplicationCommandJSONBody } from 'discord-api-types/v10'
import { requireGuild } from '../access.ts'
import { checkCommands, toCommandInput } from '../command-rules.ts'
import { createFormErrors } from '../form-errors.ts'
import { refuse } from '../refusals.ts'
import { noContent, ok, param, route } from '../route.ts'
import type { Answer, Route, RouteCall } from '../route.ts'

export const commandRoutes: readonly Route[] = [
  route('GET /applications/{application_id}/commands', { bucket: 'command-read', handle: list }),
  route('PUT /applications/{application_id}/commands', { bucket: 'command-write', handle: overwriteAll }),
  route('POST /applications/{application_id}/commands', { bucket: 'command-write', handle: create }),
  route('GET /applications/{application_id}/commands/{command_id}', { bucket: 'command-read', handle: read }),
  route('PATCH /applications/{application_id}/commands/{command_id}', { bucket: 'command-write', handle: edit }),
  route('DELETE /applications/{application_id}/commands/{command_id}', { bucket: 'command-write', handle: remove }),
  route('GET /applications/{application_id}/guilds/{guild_id}/commands', { bucket: 'command-read', handle: list }),
  route('PUT /applications/{application_id}/guilds/{guild_id}/commands', {
    bucket: 'guild-command-write',
    handle: overwriteAll,
  }),
  route('POST /applications/{application_id}/guilds/{guild_id}/commands', {
    bucket: 'guild-command-write',
    handle: create,
  }),
  route('GET /applications/{application_id}/guilds/{guild_id}/commands/{command_id}', {
    bucket: 'command-read',
    handle: read,
  }),
  route('PATCH /applications/{application_id}/guilds/{guild_id}/commands/{command_id}', {
    bucket: 'guild-command-write',
    handle: edit,
  }),
  route('DELETE /applications/{application_id}/guilds/{guild_id}/commands/{command_id}', {
    bucket: 'guild-command-write',
    handle: remove,
  }),
]

/** The guild whose commands are meant, null for the global ones. */
function requireScope(call: RouteCall): string | null {
  if (param(call, 'application_id') !== call.world.application.id) throw refuse('missingAccess')
  const guildId = call.params['guild_id']
  if (guildId === undefined) return null
  // Here Discord does not tell a guild that does not exist from one the bot is not in.
  if (call.world.guilds.get(guildId) === undefined) throw refuse('missingAccess')
  return requireGuild(call, guildId).id
}

function requireCommand(call: RouteCall): APIApplicationCommand {
  const scope = requireScope(call)
  const command = call.world.commands.get(param(call, 'command_id'))
  if (command === undefined || (command.guild_id ?? null) !== scope) throw refuse('unknownCommand')
  return command
}

function list(call: RouteCall): Answer {
  return ok(call.world.commands.list(requireScope(call)))
}

function read(call: RouteCall): Answer {
  return ok(requireCommand(call))
}

function overwriteAll(call: RouteCall): Answer {
  const scope = requireScope(call)
  const inputs = (call.body as RESTPostAPIApplicationCommandsJSONBody[] | null) ?? []
  const errors = createFormErrors()
  checkCommands(inputs, inputs, errors)
  errors.throwIfAny()
  return ok(call.world.commands.replaceAll(scope, inputs.map(toCommandInput)))
}

function create(call: RouteCall): Answer {
  const scope = requireScope(call)
  const input = call.body as RESTPostAPIApplicationCommandsJSONBody
  const others = call.world.commands.list(scope).filter((one) => !isSameCommand(one, input))
  const errors = createFormErrors()
  checkCommands([input], [...others, input], errors, [])
  errors.throwIfAny()
  const { command, created } = call.world.commands.upsert(scope, toCommandInput(input))
  return { status: created ? 201 : 200, body: command }
}

function edit(call: RouteCall): Answer {
  const known = requireCommand(call)
  const patch = call.body as RESTPatchAPIApplicationCommandJSONBody
  const merged = { ...known, ...patch } as RESTPostAPIApplicationCommandsJSONBody
  const others = call.world.commands.list(known.guild_id ?? null).filter((one) => one.id !== known.id)
  const errors = createFormErrors()
  checkCommands([merged], [...others, merged], errors, [])
  errors.throwIfAny()
  return ok(call.world.commands.update(known.id, toCommandInput({ ...patch, name: merged.name, type: known.type })))
}

function remove(call: RouteCall): Answer {
  call.world.commands.remove(requireCommand(call).id)
  return noContent
}

function isSameCommand(one: APIApplicationCommand, input: { name: string; type?: number | undefined }): boolean {
  return one.name === input.name && one.type === (input.type ?? 1)
}
