/**
 * The door from effects to Discord's REST: picks the file of the kind, and sorts what Discord answers.
 *
 * A missing permission or a deleted target will not come back by trying again: `impossible`, with words for an admin.
 * Everything else that failed is thrown, and the outbox tries again.
 */
import type { REST } from 'discord.js'
import { DiscordAPIError } from 'discord.js'
import { RESTJSONErrorCodes } from 'discord-api-types/v10'
import type { AdvisoryRunner } from '../../actors/runtime/advisory-board.ts'
import type { EffectAttempt, EffectRunner } from '../../actors/runtime/outbox.ts'
import type { EffectResult } from '../../actors/protocol/effect.ts'
import { coerceError } from '../../kernel/errors.ts'
import { changeRole } from './change-role.ts'
import { deliverWebhook } from './deliver-webhook.ts'
import type { DeliverWebhookDeps } from './deliver-webhook.ts'
import { editMessage } from './edit-message.ts'
import { postLog } from './post-log.ts'
import type { PostLogDeps } from './post-log.ts'
import { postMessage } from './post-message.ts'

const reasons: Readonly<Record<number, string>> = {
  [RESTJSONErrorCodes.UnknownChannel]: 'The channel does not exist any more. Choose another one.',
  [RESTJSONErrorCodes.UnknownGuild]: 'Muster is not in this server any more.',
  [RESTJSONErrorCodes.UnknownMember]: 'The member has left the server.',
  [RESTJSONErrorCodes.UnknownRole]: 'The role does not exist any more.',
  [RESTJSONErrorCodes.UnknownUser]: 'The account does not exist any more.',
  [RESTJSONErrorCodes.MissingAccess]: 'Muster cannot see the channel. Give it the permission "View Channel" there.',
  [RESTJSONErrorCodes.MissingPermissions]:
    'Muster lacks a permission for this, or the role is above its own. Check its permissions and the order of the roles.',
}

/** What effects need of the process, by kind. */
export interface EffectDeps extends PostLogDeps {
  readonly webhooks: DeliverWebhookDeps
}

export function createEffectRunner(deps: EffectDeps): EffectRunner {
  return {
    async run(attempt, signal) {
      try {
        return await act(deps, attempt, signal)
      } catch (thrown) {
        const error = coerceError(thrown)
        const reason = error instanceof DiscordAPIError ? reasons[Number(error.code)] : undefined
        if (reason === undefined) throw error
        return { kind: 'impossible', reason }
      }
    },
  }
}

function act(
  deps: EffectDeps,
  attempt: EffectAttempt,
  signal: AbortSignal,
): Promise<EffectResult> {
  switch (attempt.kind) {
    case 'post-message':
      return postMessage(deps, attempt, signal)
    case 'add-role':
    case 'remove-role':
      return changeRole(deps, attempt, signal)
    case 'post-log':
      return postLog(deps, attempt, signal)
    case 'deliver-webhook':
      return deliverWebhook(deps.webhooks, attempt, signal)
  }
}

export function createAdvisoryRunner(deps: { readonly rest: REST }): AdvisoryRunner {
  return {
    async show(_guildId, effect) {
      await editMessage(deps, effect)
    },
  }
}
