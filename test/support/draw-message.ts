/**
 * A message as the sandbox holds it, drawn like a client shows it: embed, buttons, menus. For the pages in docs/.
 */
import { createCanvas } from '@napi-rs/canvas'
import type { SKRSContext2D } from '@napi-rs/canvas'
import type { APIEmbed, APIMessage } from 'discord-api-types/v10'
import { ButtonStyle } from 'discord-api-types/v10'

interface Part {
  readonly type: number
  readonly style?: number
  readonly label?: string
  readonly disabled?: boolean
  readonly placeholder?: string
  readonly emoji?: { readonly name?: string | null; readonly id?: string }
  readonly options?: readonly { readonly label: string; readonly default?: boolean; readonly emoji?: { readonly name?: string | null } }[]
  readonly components?: readonly Part[]
}

export interface DrawnMessage {
  readonly message: Pick<APIMessage, 'content' | 'embeds' | 'components'>
  readonly isEphemeral: boolean
  /** `<@&id>`, `<#id>` and `<@id>` as their names. */
  nameOf(mention: string): string
}

const width = 720
const scale = 2
const font = '"Noto Sans", "DejaVu Sans", "Liberation Sans", Arial, sans-serif, "Noto Color Emoji"'
const colors = { ground: '#313338', embed: '#2b2d31', text: '#f2f3f5', faint: '#b5bac1', menu: '#1e1f22', mention: '#c9cdfb' } as const
const buttonColors: Readonly<Record<number, string>> = { [ButtonStyle.Primary]: '#5865f2', [ButtonStyle.Secondary]: '#4e5058', [ButtonStyle.Success]: '#248046', [ButtonStyle.Danger]: '#da373c' }

/** PNG. */
export function drawMessage(drawn: DrawnMessage): Buffer {
  const height = paint(createCanvas(10, 10).getContext('2d'), drawn) + 16
  const canvas = createCanvas(width * scale, height * scale)
  const context = canvas.getContext('2d')
  context.scale(scale, scale)
  context.fillStyle = colors.ground
  context.fillRect(0, 0, width, height)
  paint(context, drawn)
  return canvas.toBuffer('image/png')
}

/** Draws from the top, and answers where it ended. */
function paint(context: SKRSContext2D, { message, isEphemeral, nameOf }: DrawnMessage): number {
  context.textBaseline = 'top'
  context.font = `600 15px ${font}`
  context.fillStyle = colors.text
  context.fillText('Muster', 16, 14)
  const badge = 24 + context.measureText('Muster').width
  context.font = `600 10px ${font}`
  context.fillStyle = '#5865f2'
  box(context, { x: badge, y: 14, width: 34, height: 17, radius: 4 })
  context.fillStyle = colors.text
  context.fillText('APP', badge + 6, 17)
  let y = 40
  if (message.content !== '') y = lines(context, { text: nameOf(message.content), x: 16, y, max: width - 32, size: 14 }) + 6
  for (const embed of message.embeds) y = paintEmbed(context, embed, { y, nameOf })
  for (const row of (message.components ?? []) as unknown as readonly Part[]) y = paintRow(context, row.components ?? [], y)
  if (!isEphemeral) return y
  context.font = `12px ${font}`
  context.fillStyle = colors.faint
  context.fillText('Only you can see this', 16, y + 4)
  return y + 20
}

function paintEmbed(context: SKRSContext2D, embed: APIEmbed, { y, nameOf }: { readonly y: number; nameOf(text: string): string }): number {
  const inner = (from: number, isDrawn: boolean): number => {
    let at = from + 12
    const write = (text: string, options: { readonly size: number; readonly weight?: number; readonly color?: string; readonly x?: number; readonly max?: number }): number =>
      lines(context, { text: nameOf(text), x: options.x ?? 34, y: at, max: options.max ?? width - 80, isDrawn, ...options })
    if (embed.title !== undefined) at = write(embed.title, { size: 16, weight: 700 }) + 4
    if (embed.description !== undefined) at = write(embed.description, { size: 14 }) + 6
    let column = 0
    for (const field of embed.fields ?? []) {
      const isInline = field.inline === true
      const place = { x: 34 + (isInline ? column * 215 : 0), max: isInline ? 200 : width - 80 }
      const top = at
      if (field.name !== '\u200b') at = write(field.name, { size: 13, weight: 700, ...place }) + 2
      const end = write(field.value, { size: 13, color: colors.faint, ...place }) + 8
      bottom = Math.max(bottom, end)
      column = isInline ? (column + 1) % 3 : 0
      at = isInline && column !== 0 ? top : bottom
    }
    if (embed.timestamp !== undefined) at = write(new Date(embed.timestamp).toISOString().slice(0, 16).replace('T', ' '), { size: 11, color: colors.faint }) + 4
    return Math.max(at, bottom) + 4
  }
  let bottom = 0
  const end = inner(y, false)
  context.fillStyle = colors.embed
  box(context, { x: 16, y, width: width - 32, height: end - y, radius: 6 })
  context.fillStyle = `#${(embed.color ?? 0x5865f2).toString(16).padStart(6, '0')}`
  box(context, { x: 16, y, width: 5, height: end - y, radius: 3 })
  bottom = 0
  inner(y, true)
  return end + 8
}

function paintRow(context: SKRSContext2D, parts: readonly Part[], y: number): number {
  let x = 16
  for (const part of parts) {
    context.globalAlpha = part.disabled === true ? 0.45 : 1
    if (part.type !== 2) {
      context.fillStyle = colors.menu
      box(context, { x, y, width: 420, height: 38, radius: 6 })
      const chosen = (part.options ?? []).filter((option) => option.default === true).map(({ label, emoji }) => `${emoji?.name ?? ''} ${label}`.trim())
      context.font = `14px ${font}`
      context.fillStyle = chosen.length === 0 ? colors.faint : colors.text
      context.fillText((chosen.length === 0 ? (part.placeholder ?? '') : chosen.join(', ')).slice(0, 52), x + 12, y + 10)
      context.fillText('⌄', x + 396, y + 8)
      continue
    }
    context.font = `500 14px ${font}`
    const text = [part.emoji?.name, part.label].filter((one) => one !== undefined && one !== null).join(' ')
    const size = context.measureText(text).width + 28
    context.fillStyle = buttonColors[part.style ?? 2] ?? colors.menu
    box(context, { x, y, width: size, height: 34, radius: 6 })
    context.fillStyle = '#ffffff'
    context.fillText(text, x + 14, y + 8)
    x += size + 8
  }
  context.globalAlpha = 1
  return y + 44
}

function box(context: SKRSContext2D, { x, y, width: w, height, radius }: { x: number; y: number; width: number; height: number; radius: number }): void {
  context.beginPath()
  context.roundRect(x, y, w, height, radius)
  context.fill()
}

/** Wrapped at words; `**bold**` is shown without its stars. Answers where the text ended. */
function lines(
  context: SKRSContext2D,
  options: { readonly text: string; readonly x: number; readonly y: number; readonly max: number; readonly size: number; readonly weight?: number; readonly color?: string; readonly isDrawn?: boolean },
): number {
  const { text, x, max, size, weight = 400, color = colors.text, isDrawn = true } = options
  context.font = `${weight} ${size}px ${font}`
  context.fillStyle = color
  let { y } = options
  for (const paragraph of text.replaceAll('**', '').replaceAll('`', '').split('\n')) {
    let line = ''
    for (const word of [...paragraph.split(' '), '\n']) {
      const longer = line === '' ? word : `${line} ${word}`
      if (word !== '\n' && context.measureText(longer).width <= max) {
        line = longer
        continue
      }
      if (isDrawn) context.fillText(line, x, y)
      y += Math.round(size * 1.4)
      line = word
    }
  }
  return y
}
