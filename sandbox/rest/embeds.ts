/**
 * Embeds: the bounds Discord's description leaves out, and the form in which they are stored.
 *
 * 6000 characters over all embeds of a message; a field needs a name and a value; an embed needs something to show.
 * https://docs.discord.com/developers/resources/message#embed-object-embed-limits
 */
import { EmbedType } from 'discord-api-types/v10'
import type { APIEmbed } from 'discord-api-types/v10'
import type { ResolveMedia } from './attachments.ts'
import type { FormErrors } from './form-errors.ts'

const charactersMax = 6_000

export function checkEmbeds(embeds: readonly APIEmbed[], errors: FormErrors): void {
  if (embeds.reduce((sum, embed) => sum + countCharacters(embed), 0) > charactersMax) {
    errors.add(['embeds'], 'MAX_EMBED_SIZE_EXCEEDED', `Embed size exceeds maximum size of ${charactersMax}`)
  }
  for (const [index, embed] of embeds.entries()) {
    if (isEmpty(embed)) errors.add(['embeds', index, 'description'], 'BASE_TYPE_REQUIRED', 'This field is required')
    for (const [fieldIndex, field] of (embed.fields ?? []).entries()) {
      for (const key of ['name', 'value'] as const) {
        if (field[key].trim() !== '') continue
        const path = ['embeds', index, 'fields', fieldIndex, key]
        errors.add(path, 'BASE_TYPE_REQUIRED', 'This field is required')
      }
    }
  }
}

function countCharacters(embed: APIEmbed): number {
  const fields = (embed.fields ?? []).reduce((sum, field) => sum + field.name.length + field.value.length, 0)
  const { title, description, footer, author } = embed
  return [title, description, footer?.text, author?.name].reduce((sum, text) => sum + (text?.length ?? 0), fields)
}

function isEmpty(embed: APIEmbed): boolean {
  const { title, description, author, footer, image, thumbnail, fields, timestamp, url } = embed
  const texts = [title, description, author?.name, footer?.text, timestamp, url]
  return !texts.some((text) => (text ?? '') !== '') && !image?.url && !thumbnail?.url && (fields ?? []).length === 0
}

/** The embed as it is stored and answered: nulls gone, kind set, pictures resolved to URLs. */
export function shapeEmbed(embed: APIEmbed, resolve: ResolveMedia): APIEmbed {
  const { title, description, url, color, timestamp, fields, footer, author, image, thumbnail } = embed
  return {
    type: EmbedType.Rich,
    ...withoutNulls({ title, description, url, color }),
    ...(timestamp ? { timestamp: new Date(timestamp).toISOString().replace('Z', '+00:00') } : {}),
    ...(fields && fields.length > 0 ? { fields: fields.map((field) => ({ ...field, inline: field.inline ?? false })) } : {}),
    ...(footer ? { footer: { text: footer.text, ...media('icon_url', footer.icon_url, resolve) } } : {}),
    ...(author
      ? { author: { name: author.name, ...withoutNulls({ url: author.url }), ...media('icon_url', author.icon_url, resolve) } }
      : {}),
    ...shapePicture('image', image, resolve),
    ...shapePicture('thumbnail', thumbnail, resolve),
  } as APIEmbed
}

function shapePicture(key: string, picture: { url: string } | null | undefined, resolve: ResolveMedia): object {
  const shaped = media('url', picture?.url, resolve)
  return 'url' in shaped ? { [key]: { ...shaped, flags: 0 } } : {}
}

/** The URL and the URL through Discord's proxy, which here is the same. A name without attachment shows nothing. */
function media(key: string, url: string | null | undefined, resolve: ResolveMedia): object {
  const resolved = url ? resolve(url) : undefined
  return resolved === undefined ? {} : { [key]: resolved, [`proxy_${key}`]: resolved }
}

function withoutNulls(values: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined))
}
