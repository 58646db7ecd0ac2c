/**
 * Tells Discord which commands there are: one bulk overwrite, which keeps the ids of those that did not change.
 *
 * One process of the cluster does it, under a lock that only saves work: the overwrite is idempotent.
 */
import type { REST } from 'discord.js'
import { Routes } from 'discord-api-types/v10'
import type { AdvisoryLock } from '../../actors/runtime/ports.ts'
import type { SlashCommand } from './slash-command.ts'

const lockWaitMs = 2_000

export async function registerCommands(
  deps: { readonly rest: REST; readonly lock: AdvisoryLock },
  options: { readonly applicationId: string; readonly commands: readonly SlashCommand[] },
): Promise<void> {
  const body = options.commands.map((command) => command.definition)
  await deps.lock.withLock({ resource: 'register-commands', waitMs: lockWaitMs }, () =>
    deps.rest.put(Routes.applicationCommands(options.applicationId), { body }),
  )
}
