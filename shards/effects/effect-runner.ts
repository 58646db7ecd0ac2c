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
import { english } from '../texts/english.ts'
import { changeRole } from './change-role.ts'
import { deliverWebhook } from './deliver-webhook.ts'
import type { DeliverWebhookDeps } from './deliver-webhook.ts'
import { editMessage } from './edit-message.ts'
import { postLog } from './post-log.ts'
import type { PostLogDeps } from './post-log.ts'
import { postMessage } from './post-message.ts'

const { effectFailures } = english

const reasons: Readonly<Record<number, string>> = {
  [RESTJSONErrorCodes.UnknownChannel]: effectFailures.unknownChannel,
  [RESTJSONErrorCodes.UnknownGuild]: effectFailures.unknownGuild,
  [RESTJSONErrorCodes.UnknownMember]: effectFailures.unknownMember,
  [RESTJSONErrorCodes.UnknownRole]: effectFailures.unknownRole,
  [RESTJSONErrorCodes.UnknownUser]: effectFailures.unknownUser,
  [RESTJSONErrorCodes.MissingAccess]: effectFailures.missingAccess,
  [RESTJSONErrorCodes.MissingPermissions]: effectFailures.missingPermissions,
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
