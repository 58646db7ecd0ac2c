/**
 * The buttons of `/admin erase-records`. What is to be erased is read and verified here, and erased by the guild's actor in
 * steps that a commit holds; a step that was done is not done again, because what is erased is not found any more.
 */
import { PermissionFlagsBits } from 'discord-api-types/v10'
import { eraseRecordsFeature } from '../commands/admin-erase-records.ts'
import { ephemeral } from '../commands/ephemeral.ts'
import { presentRefusal } from '../commands/refusals.ts'
import type { MessageAnswer } from '../commands/slash-command.ts'
import type { ClickContext, ComponentHandler } from '../interactions/component-handler.ts'
import type { ErasableSubject } from '../records/records-desk.ts'
import { isSnowflake, userId } from '../../kernel/ids.ts'
import { isUuid } from '../../kernel/uuid.ts'
import { wordsFor } from '../voice/ask-voice.ts'

/** Of 200 records each: a member with more runs the command again. */
const stepsMax = 25

export const eraseRecordsComponents: ComponentHandler = {
  feature: eraseRecordsFeature,
  permission: PermissionFlagsBits.ManageGuild,
  replacesMessage: true,
  click(context) {
    const subject = readSubject(context)
    return subject === null ? done(wordsFor(context).nothingChanged) : erase(context, subject)
  },
}

/** In place of the question: its buttons go with it. */
const done = (content: string): MessageAnswer => ({ ...ephemeral(content), components: [] })

function readSubject({ action, args: [id = ''] }: ClickContext): ErasableSubject | null {
  if (action === 'member' && isSnowflake(id)) return { userId: userId(id) }
  return action === 'record' && isUuid(id) ? { recordId: id } : null
}

async function erase(context: ClickContext, subject: ErasableSubject): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const { erasure: words } = texts
  const { ask, byUserId, guildId, records: desk } = context
  const sum = { erased: 0, waiting: 0, unverified: 0 }
  let after: Awaited<ReturnType<typeof desk.listErasable>>['next'] = null
  for (let step = 0; step < stepsMax; step += 1) {
    const found: Awaited<ReturnType<typeof desk.listErasable>> = await desk.listErasable(guildId, subject, after)
    sum.unverified += found.unverified
    if (found.records.length > 0) {
      const outcome = await ask({ feature: 'signing', kind: 'erase-records', records: found.records, byUserId, reason: null }, `erase-${step}`)
      if (outcome.status === 'refused') return { ...presentRefusal(outcome.reason, texts), components: [] }
      const { reply } = outcome
      if (reply.kind === 'records-not-erased') return done(words.locked)
      if (reply.kind !== 'records-erased') return { ...presentRefusal('rejected', texts), components: [] }
      sum[reply.isWaiting ? 'waiting' : 'erased'] += reply.records
    }
    after = found.next
    if (after === null) break
  }
  const said = [...(sum.erased > 0 ? [words.erased(sum.erased)] : []), ...(sum.waiting > 0 ? [words.waits(sum.waiting)] : [])]
  const text = said.length === 0 ? words.none : said.join(' ')
  return done(`${text}${sum.unverified === 0 ? '' : words.notVerified(sum.unverified)}${after === null ? '' : words.moreLeft}`)
}
