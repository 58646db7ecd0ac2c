/**
 * From what a client sends to the message that will exist: the one place where a message body is judged and shaped.
 *
 * New messages, edits, answers to interactions and their followups all pass here. The form is judged as a whole first
 * (50035 with everything that is wrong, 50006 when nothing would be left to see); only then are bytes stored. Of an
 * edit only the given fields are in the result; null empties a field. The description allows content of 4000
 * characters, which is for paying members; a bot has 2000.
 */
import type { APIAllowedMentions, APIEmbed, APIMessage, APIUser } from 'discord-api-types/v10'
import { MessageFlags } from 'discord-api-types/v10'
import { createResolveMedia, planAttachments, storeAttachments } from './attachments.ts'
import type { AttachmentInput } from './attachments.ts'
import { checkMessageComponents } from './component-rules.ts'
import type { ComponentNode } from './component-rules.ts'
import { shapeComponents } from './component-shapes.ts'
import { checkEmbeds, shapeEmbed } from './embeds.ts'
import { createFormErrors } from './form-errors.ts'
import type { FormErrors, FormPath } from './form-errors.ts'
import { findMentions } from './mentions.ts'
import { refuse } from './refusals.ts'
import type { RouteCall } from './route.ts'

/** The fields all message bodies share; they fit the schema of their operation. */
export interface MessageBody {
  readonly content?: string | null
  readonly embeds?: readonly APIEmbed[] | null
  readonly components?: readonly ComponentNode[] | null
  readonly attachments?: readonly AttachmentInput[] | null
  readonly allowed_mentions?: APIAllowedMentions | null
  readonly flags?: number | null
  readonly tts?: boolean | null
  readonly sticker_ids?: readonly string[] | null
  readonly poll?: object | null
}

export interface DraftPlace {
  readonly channelId: string
  readonly guildId: string | null
  readonly permissions: bigint
  /** The message that is edited. */
  readonly before?: APIMessage
  readonly repliedTo?: APIUser | undefined
  /** Flags this door lets a client set. */
  readonly settableFlags: number
  /** Where in the body the message lies, for the paths of complaints: `['data']` in interaction callbacks. */
  readonly formPath?: FormPath
}

const contentCharactersMax = 2_000
const { SuppressEmbeds, SuppressNotifications, IsComponentsV2, Ephemeral } = MessageFlags
export const newMessageFlags = SuppressEmbeds | SuppressNotifications | IsComponentsV2
export const answerFlags = newMessageFlags | Ephemeral
export const editFlags = SuppressEmbeds | IsComponentsV2

export function draftMessage(call: RouteCall, body: MessageBody, place: DraftPlace): Partial<APIMessage> {
  const errors = createFormErrors(place.formPath)
  if (body.poll) call.noteNotBuilt('polls')
  if ((body.sticker_ids ?? []).length > 0) call.noteNotBuilt('stickers')
  const flags = draftFlags(body, place)
  checkForm(body, (flags & IsComponentsV2) !== 0, place.before, errors)

  const before = place.before?.attachments ?? []
  const hasFiles = body.attachments !== undefined || call.files.length > 0
  const attachments = hasFiles
    ? planAttachments(call, { channelId: place.channelId, listed: body.attachments, before }, errors)
    : before
  const resolve = createResolveMedia(attachments, picturesOf(place.before))
  const shaping = { resolve, attachments, newId: () => call.world.newId(), errors }
  const draft: Partial<APIMessage> = {
    ...(body.content === undefined ? {} : { content: body.content ?? '' }),
    ...(body.embeds === undefined ? {} : { embeds: (body.embeds ?? []).map((embed) => shapeEmbed(embed, resolve)) }),
    ...(body.components === undefined ? {} : { components: shapeComponents(body.components ?? [], shaping) }),
    ...(hasFiles ? { attachments: [...attachments] } : {}),
    ...(flags === (place.before?.flags ?? 0) ? {} : { flags }),
    ...(body.tts === true ? { tts: true } : {}),
  }
  errors.throwIfAny()
  if (isEmpty({ ...place.before, ...draft })) throw refuse('emptyMessage')
  storeAttachments(call, place.channelId, hasFiles ? attachments : [])
  const text = textOf(draft)
  if (text === undefined) return draft
  return { ...draft, ...findMentions(call, { ...place, text, allowed: body.allowed_mentions, repliedTo: place.repliedTo }) }
}

/** Flags of an edit replace the settable ones only; the new layout, once chosen, stays. */
function draftFlags(body: MessageBody, place: DraftPlace): number {
  const before = place.before?.flags ?? 0
  if (typeof body.flags !== 'number') return before
  return (before & ~(place.settableFlags & ~IsComponentsV2)) | (body.flags & place.settableFlags)
}

function checkForm(body: MessageBody, isV2: boolean, before: APIMessage | undefined, errors: FormErrors): void {
  if ((body.content?.length ?? 0) > contentCharactersMax) {
    errors.add(['content'], 'BASE_TYPE_MAX_LENGTH', `Must be ${contentCharactersMax} or fewer in length.`)
  }
  checkEmbeds(body.embeds ?? [], errors)
  checkMessageComponents(body.components ?? [], isV2, errors)
  if (!isV2) return
  for (const field of ['content', 'embeds'] as const) {
    const value = body[field] ?? before?.[field]
    if (value === undefined || value.length === 0 || (body[field] === null && before !== undefined)) continue
    const message = `The '${field}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`
    errors.add([field], 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2', message)
  }
}

function isEmpty(message: Partial<APIMessage>): boolean {
  const lists = [message.embeds, message.components, message.attachments, message.sticker_items]
  return (message.content ?? '') === '' && lists.every((list) => (list ?? []).length === 0)
}

/** Everything in which a mention may stand; undefined when the draft does not touch it. */
function textOf(draft: Partial<APIMessage>): string | undefined {
  if (draft.content === undefined && draft.components === undefined) return undefined
  const texts: string[] = []
  const collect = (nodes: readonly ComponentNode[]): void => {
    for (const node of nodes) {
      if (node.content) texts.push(node.content)
      collect(node.components ?? [])
    }
  }
  collect((draft.components ?? []) as readonly ComponentNode[])
  return [draft.content ?? '', ...texts].join('\n')
}

function picturesOf(message: APIMessage | undefined): string[] {
  const urls = (message?.embeds ?? []).flatMap((embed) => [
    embed.image?.url,
    embed.thumbnail?.url,
    embed.footer?.icon_url,
    embed.author?.icon_url,
  ])
  return urls.filter((url) => url !== undefined)
}
