/**
 * Weekday by hour: darker is less, lighter is more, empty is empty.
 */
import type { SKRSContext2D } from '@napi-rs/canvas'
import type { Size } from './card.ts'
import { margin, writeText } from './card.ts'
import { palette } from './palette.ts'
import type { HeatmapPicture } from './picture.ts'

const top = 112
const cellHeight = 34
const labelWidth = 52
const gap = 3

export const heatmapSize: Size = { width: 900, height: top + 7 * cellHeight + 76 }

export function drawHeatmap(context: SKRSContext2D, picture: HeatmapPicture): void {
  const cellWidth = (heatmapSize.width - 2 * margin - labelWidth) / 24
  const highest = Math.max(0, ...picture.rows.flatMap(({ values }) => values))
  for (const [row, { label, values }] of picture.rows.entries()) {
    const y = top + row * cellHeight
    writeText(context, label, { x: margin, y: y + cellHeight / 2 + 5, size: 16, widthMax: labelWidth - 8 })
    for (const [hour, value] of values.entries()) {
      context.fillStyle = colorOf(value, highest)
      context.beginPath()
      context.roundRect(margin + labelWidth + hour * cellWidth, y, cellWidth - gap, cellHeight - gap, 5)
      context.fill()
    }
  }
  const under = top + 7 * cellHeight + 20
  for (let hour = 0; hour < 24; hour += 3) {
    const x = margin + labelWidth + hour * cellWidth + (cellWidth - gap) / 2
    writeText(context, `${String(hour).padStart(2, '0')}:00`, { x, y: under, size: 14, align: 'center', color: palette.faintText })
  }
  drawScale(context, picture, under + 32)
}

/** By the square root: one busy evening must not make everything else look empty. */
function colorOf(value: number, highest: number): string {
  if (value <= 0 || highest <= 0) return palette.emptyCell
  const step = Math.min(palette.heat.length - 1, Math.floor(Math.sqrt(value / highest) * palette.heat.length))
  return palette.heat[step] ?? palette.emptyCell
}

function drawScale(context: SKRSContext2D, { less, more }: HeatmapPicture, y: number): void {
  const box = 18
  const right = heatmapSize.width - margin
  context.font = '14px sans-serif'
  writeText(context, more, { x: right, y, size: 14, align: 'right', color: palette.faintText })
  const boxesEnd = right - context.measureText(more).width - 10
  const boxesStart = boxesEnd - palette.heat.length * (box + gap)
  for (const [index, color] of palette.heat.entries()) {
    context.fillStyle = color
    context.beginPath()
    context.roundRect(boxesStart + index * (box + gap), y - 14, box, box, 4)
    context.fill()
  }
  writeText(context, less, { x: boxesStart - 8, y, size: 14, align: 'right', color: palette.faintText })
}
