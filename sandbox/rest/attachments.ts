/**
 * Files of a message: stored, named by a fresh id, reachable under a URL of the sandbox.
 *
 * `attachments[].id` means two things: the n of an uploaded `files[n]`, or the id of an attachment that is kept. On an
 * edit, a list says exactly what stays plus what is new; no list keeps what was and appends. Elsewhere in a message
 * `attachment://name` refers to any of them and becomes its URL.
 * https://docs.discord.com/developers/reference#uploading-files
 */
import type { APIAttachment, RESTAPIAttachment } from 'discord-api-types/v10'
import type { FormErrors } from './form-errors.ts'
import { measurePng } from './plain-png.ts'
import { uploadCountMax } from './request-body.ts'
import type { UploadedFile } from './request-body.ts'
import type { RouteCall } from './route.ts'

/** Attachment meta data as clients really send it: optional things as null, often without a file name. */
export type AttachmentInput = { [Key in keyof RESTAPIAttachment]?: RESTAPIAttachment[Key] | null | undefined } & {
  id: string | number
}

const spoilerFlag = 1 << 3

export interface AttachmentsInput {
  readonly channelId: string
  readonly listed: readonly AttachmentInput[] | null | undefined
  /** Of the message that is edited; empty for a new one. */
  readonly before: readonly APIAttachment[]
}

/** The attachments the message will have. Bytes are stored only when the form has no errors. */
export function planAttachments(call: RouteCall, input: AttachmentsInput, errors: FormErrors): APIAttachment[] {
  const { listed, before } = input
  const kept = listed === undefined || listed === null ? [...before] : []
  for (const [index, meta] of (listed ?? []).entries()) {
    const known = before.find((one) => one.id === String(meta.id))
    if (known) kept.push({ ...known, ...descriptionOf(meta) })
    else if (!call.files.some((file) => file.key === String(meta.id))) {
      const message = `Attachment id ${meta.id} is neither a file of this request nor an attachment of the message`
      errors.add(['attachments', index, 'id'], 'ATTACHMENT_NOT_FOUND', message)
    }
  }
  const added = call.files.map((file) => {
    const meta = listed?.find((one) => String(one.id) === file.key)
    return describeFile(call, input.channelId, file, meta)
  })
  const all = [...kept, ...added]
  if (all.length > uploadCountMax) {
    errors.add(['attachments'], 'BASE_TYPE_MAX_LENGTH', `Must be ${uploadCountMax} or fewer in length.`)
  }
  return all
}

/** Puts the bytes of the new attachments where their URLs point. */
export function storeAttachments(call: RouteCall, channelId: string, attachments: readonly APIAttachment[]): void {
  const added = attachments.slice(attachments.length - call.files.length)
  for (const [index, file] of call.files.entries()) {
    const attachment = added[index]
    if (attachment === undefined) continue
    const contentType = attachment.content_type ?? 'application/octet-stream'
    const key = `attachments/${channelId}/${attachment.id}/${attachment.filename}`
    call.world.files.put(key, { filename: attachment.filename, contentType, bytes: file.bytes })
  }
}

function describeFile(
  call: RouteCall,
  channelId: string,
  file: UploadedFile,
  meta: AttachmentInput | undefined,
): APIAttachment {
  const id = call.world.newId()
  const filename = safeFilename(meta?.filename ?? file.filename)
  const url = `${call.baseUrl}/attachments/${channelId}/${id}/${encodeURIComponent(filename)}`
  const isSpoiler = filename.startsWith('SPOILER_')
  return {
    id,
    filename,
    size: file.bytes.byteLength,
    url,
    proxy_url: url,
    content_type: file.contentType ?? contentTypeOf(filename),
    ...(isSpoiler ? { flags: spoilerFlag } : {}),
    ...measurePng(file.bytes),
    ...descriptionOf(meta),
  } as APIAttachment
}

function descriptionOf(meta: AttachmentInput | undefined): Partial<APIAttachment> {
  return {
    ...(typeof meta?.description === 'string' ? { description: meta.description } : {}),
    ...(typeof meta?.title === 'string' ? { title: meta.title } : {}),
    ...(typeof meta?.duration_secs === 'number' ? { duration_secs: meta.duration_secs } : {}),
    ...(typeof meta?.waveform === 'string' ? { waveform: meta.waveform } : {}),
  }
}

/** Discord keeps letters, digits, dot, dash and underscore; everything else would need care in an address. */
function safeFilename(name: string): string {
  const safe = name.replaceAll(' ', '_').replaceAll(/[^\p{L}\p{N}._-]/gu, '')
  return safe === '' ? 'unknown' : safe.slice(-260)
}

const contentTypes: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  txt: 'text/plain; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  json: 'application/json',
  pdf: 'application/pdf',
}

function contentTypeOf(filename: string): string {
  return contentTypes[filename.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream'
}

/** Turns `attachment://name` into a URL; other URLs stay. Undefined when there is no such attachment. */
export type ResolveMedia = (url: string) => string | undefined

/** `before` are URLs the message already shows: an edit may refer to a picture of an embed by name again. */
export function createResolveMedia(attachments: readonly APIAttachment[], before: readonly string[]): ResolveMedia {
  return (url) => {
    if (!url.startsWith('attachment://')) return url
    const name = safeFilename(url.slice('attachment://'.length))
    const attachment = attachments.findLast((one) => one.filename === name)
    return attachment?.url ?? before.find((known) => known.endsWith(`/${encodeURIComponent(name)}`))
  }
}
