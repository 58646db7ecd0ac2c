/**
 * Reads the body of a request: JSON, multipart with files, or none.
 *
 * A multipart body carries its JSON in `payload_json` and its files in `files[n]`; simple clients may send the JSON's
 * fields as parts instead. Every size has a bound with Discord's answer at it (413, code 40005). A body over the bound
 * is read to its end and dropped, so that the client gets the answer instead of a broken connection; one that does not
 * end within `drainBytesMax` is cut off.
 */
import type { IncomingMessage } from 'node:http'
import { refuse } from './refusals.ts'
import { refuseField } from './form-errors.ts'

/** Discord's bound for one request with files. */
export const requestBytesMax = 25 * 1024 * 1024
/** Discord's bound for one file in a guild without boosts. */
export const uploadBytesMax = 10 * 1024 * 1024
/** Files of one message. */
export const uploadCountMax = 10
/** What a client's form encoder writes when the file has no type. */
const unknownType = 'application/octet-stream'
const drainBytesMax = 4 * requestBytesMax

export interface UploadedFile {
  /** The n of `files[n]`, to which `attachments[].id` refers. */
  readonly key: string
  readonly filename: string
  readonly contentType: string | undefined
  readonly bytes: Uint8Array
}

export interface RequestBody {
  /** Undefined when nothing was sent. */
  readonly json: unknown
  readonly files: readonly UploadedFile[]
  /** For the request log. */
  readonly byteCount: number
}

export async function readRequestBody(request: IncomingMessage): Promise<RequestBody> {
  const bytes = await readBytes(request)
  const contentType = request.headers['content-type'] ?? ''
  if (bytes.length === 0) return { json: undefined, files: [], byteCount: 0 }
  if (contentType.startsWith('multipart/form-data')) return parseMultipart(bytes, contentType)
  return { json: parseJson(bytes.toString('utf8')), files: [], byteCount: bytes.length }
}

/** By events: an iterator over the request costs more than the rest of a small body. */
function readBytes(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= requestBytesMax) chunks.push(chunk)
      if (size > drainBytesMax) request.destroy(new Error('a body that does not end'))
    })
    request.once('end', () => (size > requestBytesMax ? reject(refuse('requestTooLarge')) : resolve(Buffer.concat(chunks))))
    request.once('error', reject)
    // Left before its end: nobody will send the rest.
    request.once('close', () => reject(new Error('the request was cut off')))
  })
}

async function parseMultipart(bytes: Buffer<ArrayBuffer>, contentType: string): Promise<RequestBody> {
  const form = await readForm(bytes, contentType)
  const files: UploadedFile[] = []
  const fields: Record<string, unknown> = {}
  let payload: unknown
  for (const [name, value] of form) {
    if (typeof value !== 'string') files.push(await readFile(name, value))
    else if (name === 'payload_json') payload = parseJson(value)
    else fields[name] = value
  }
  if (files.length > uploadCountMax) {
    throw refuseField(['files'], 'BASE_TYPE_MAX_LENGTH', `Must be ${uploadCountMax} or fewer in length.`)
  }
  return { json: payload ?? fields, files, byteCount: bytes.length }
}

async function readForm(bytes: Buffer<ArrayBuffer>, contentType: string): Promise<FormData> {
  try {
    return await new Response(bytes, { headers: { 'content-type': contentType } }).formData()
  } catch (thrown) {
    // The parser of node says only that the body is malformed; that is all a client needs to know.
    if (thrown instanceof TypeError) throw refuse('malformedJson')
    throw thrown
  }
}

async function readFile(name: string, file: File): Promise<UploadedFile> {
  if (file.size > uploadBytesMax) throw refuse('requestTooLarge')
  return {
    key: /^files\[(\d+)\]$/.exec(name)?.[1] ?? name,
    filename: file.name,
    contentType: file.type === '' || file.type === unknownType ? undefined : file.type,
    bytes: new Uint8Array(await file.arrayBuffer()),
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (thrown) {
    if (thrown instanceof SyntaxError) throw refuse('malformedJson')
    throw thrown
  }
}
