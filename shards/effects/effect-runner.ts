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
import { answerInteraction } from './answer-interaction.ts'
import type { AnswerInteractionDeps } from './answer-interaction.ts'
import { changeRole } from './change-role.ts'
import { confirmRole } from './confirm-role.ts'
import { deliverWebhook } from './deliver-webhook.ts'
import type { DeliverWebhookDeps } from './deliver-webhook.ts'
import { editMessage } from './edit-message.ts'
import { postAudit } from './post-audit.ts'
import { postLog } from './post-log.ts'
import type { PostLogDeps } from './post-log.ts'
import { postMessage } from './post-message.ts'
import { postSession, showClosed } from './post-session.ts'
import type { PostSessionDeps } from './post-session.ts'
import { removeMessage } from './remove-message.ts'
import type { PaceBucket, PaceClass, RestPace } from './rest-pace.ts'
import { showPanel } from './show-panel.ts'

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
export interface EffectDeps extends PostLogDeps, PostSessionDeps, AnswerInteractionDeps {
  readonly webhooks: DeliverWebhookDeps
  readonly pace: Pick<RestPace, 'admit'>
}

export function createEffectRunner(deps: EffectDeps): EffectRunner {
  return {
    async admit(attempt, signal) {
      const place = placeOf(attempt)
      if (place !== null) await deps.pace.admit(place.paceClass, place.bucket, signal)
    },
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

/** Null: it goes elsewhere than to the token's limits. */
function placeOf({ kind, guildId, target, payload }: EffectAttempt): { readonly paceClass: PaceClass; readonly bucket: PaceBucket } | null {
  const channel = typeof payload['channelId'] === 'string' ? payload['channelId'] : `${guildId} ${target}`
  switch (kind) {
    case 'add-role':
    case 'remove-role':
      return { paceClass: 'role', bucket: { kind: 'roles', id: guildId } }
    // Behind the changes themselves: most only look.
    case 'confirm-role':
      return { paceClass: 'message', bucket: { kind: 'looks', id: guildId } }
    case 'post-message':
    case 'post-log':
    case 'show-panel':
    case 'remove-message':
    case 'post-session':
    case 'show-closed':
      return { paceClass: 'message', bucket: { kind: 'posts', id: channel } }
    case 'post-audit':
      return { paceClass: 'audit', bucket: { kind: 'posts', id: channel } }
    case 'answer-interaction':
    case 'deliver-webhook':
      return null
  }
}

function act(deps: EffectDeps, attempt: EffectAttempt, signal: AbortSignal): Promise<EffectResult> {
  switch (attempt.kind) {
    case 'post-message':
      return postMessage(deps, attempt, signal)
    case 'add-role':
    case 'remove-role':
      return changeRole(deps, attempt, signal)
    case 'confirm-role':
      return confirmRole(deps, attempt, signal)
    case 'show-panel':
      return showPanel(deps, attempt, signal)
    case 'remove-message':
      return removeMessage(deps, attempt, signal)
    case 'answer-interaction':
      return answerInteraction(deps, attempt, signal)
    case 'post-audit':
      return postAudit(deps, attempt, signal)
    case 'post-log':
      return postLog(deps, attempt, signal)
    case 'post-session':
      return postSession(deps, attempt, signal)
    case 'show-closed':
      return showClosed(deps, attempt, signal)
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
