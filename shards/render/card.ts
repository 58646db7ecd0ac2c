/**
 * The ground of a picture, and text that stays within its space.
 */
import type { SKRSContext2D } from '@napi-rs/canvas'
import { cardRadius, fontStack, palette } from './palette.ts'

export interface Size {
  readonly width: number
  readonly height: number
}

export const margin = 32

export function drawCard(context: SKRSContext2D, { width, height }: Size): void {
  context.fillStyle = palette.card
  context.beginPath()
  context.roundRect(0.5, 0.5, width - 1, height - 1, cardRadius)
  context.fill()
  context.strokeStyle = palette.edge
  context.lineWidth = 1
  context.stroke()
}

export function drawHeading(context: SKRSContext2D, { width }: Size, heading: { readonly title: string; readonly subtitle: string }): void {
  writeText(context, heading.title, { x: margin, y: 50, size: 26, isBold: true, widthMax: width - 2 * margin })
  writeText(context, heading.subtitle, { x: margin, y: 78, size: 16, color: palette.faintText, widthMax: width - 2 * margin })
}

export interface TextPlace {
  readonly x: number
  readonly y: number
  readonly size: number
  readonly isBold?: boolean
  readonly color?: string
  readonly align?: 'left' | 'right' | 'center'
  readonly widthMax?: number
}

export function writeText(context: SKRSContext2D, text: string, place: TextPlace): void {
  context.font = `${place.isBold === true ? '600 ' : ''}${place.size}px ${fontStack}`
  context.fillStyle = place.color ?? palette.text
  context.textAlign = place.align ?? 'left'
  context.fillText(fitText(context, drawableText(text), place.widthMax ?? Infinity), place.x, place.y)
}

/** Few machines have letters for emoji: a name without them is better than boxes. */
function drawableText(text: string): string {
  return text.replace(/\p{Extended_Pictographic}|\p{Regional_Indicator}|\uFE0F|\u200D|\u20E3/gu, '').trim()
}

/** Whole characters, with an ellipsis where something was cut. */
function fitText(context: SKRSContext2D, text: string, widthMax: number): string {
  if (context.measureText(text).width <= widthMax) return text
  const letters = Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment)
  let fits = 0
  let from = 0
  let to = letters.length
  while (from <= to) {
    const middle = (from + to) >> 1
    if (context.measureText(`${letters.slice(0, middle).join('')}…`).width <= widthMax) {
      fits = middle
      from = middle + 1
    } else to = middle - 1
  }
  return `${letters.slice(0, fits).join('')}…`
}
