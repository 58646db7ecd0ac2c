/**
 * Horizontal bars with their names before them and their values behind them.
 */
import type { SKRSContext2D } from '@napi-rs/canvas'
import { palette } from './palette.ts'
import { writeText } from './card.ts'
import type { Bar } from './picture.ts'

export interface BarsPlace {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly labelWidth: number
}

const rowHeight = 38
const barHeight = 18
/** "14 Std. 20 Min." fits. */
const valueWidth = 134
/** A value that is not nothing is seen. */
const barWidthMin = 4

export const barsHeight = (count: number): number => count * rowHeight

export function drawBars(context: SKRSContext2D, bars: readonly Bar[], place: BarsPlace): void {
  const highest = Math.max(1, ...bars.map(({ value }) => value))
  const trackX = place.x + place.labelWidth + 12
  const trackWidth = place.width - place.labelWidth - 12 - valueWidth
  for (const [index, bar] of bars.entries()) {
    const top = place.y + index * rowHeight
    const baseline = top + barHeight - 3
    const color = bar.isOwn ? palette.own : palette.text
    writeText(context, bar.label, { x: place.x, y: baseline, size: 16, widthMax: place.labelWidth, isBold: bar.isOwn, color })
    context.fillStyle = palette.track
    context.beginPath()
    context.roundRect(trackX, top, trackWidth, barHeight, barHeight / 2)
    context.fill()
    if (bar.value > 0) {
      context.fillStyle = bar.isOwn ? palette.own : palette.bar
      context.beginPath()
      context.roundRect(trackX, top, Math.max(barWidthMin, (trackWidth * bar.value) / highest), barHeight, barHeight / 2)
      context.fill()
    }
    const x = place.x + place.width
    writeText(context, bar.valueText, { x, y: baseline, size: 15, align: 'right', color: palette.faintText, widthMax: valueWidth - 8 })
  }
}
