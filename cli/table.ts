/**
 * Rows as a table of text that fits a terminal: numbers to the right, words to the left, what is too long is cut. Pure.
 */
import type { Painter } from './terminal.ts'

export interface Column {
  readonly title: string
  readonly width: number
  readonly align: 'left' | 'right'
}

/** A cell, or a row that is one text over all columns. */
export type TableRow = readonly string[] | string

const gap = 1

export function table(columns: readonly Column[], rows: readonly TableRow[], paint: Painter): string {
  const head = paint('dim', line(columns, columns.map(({ title }) => title)))
  return [head, ...rows.map((row) => (typeof row === 'string' ? row : line(columns, row)))].join('\n')
}

export const tableWidth = (columns: readonly Column[]): number => columns.reduce((sum, { width }) => sum + width + gap, -gap)

function line(columns: readonly Column[], cells: readonly string[]): string {
  return columns
    .map(({ width, align }, index) => {
      const cell = cells[index] ?? ''
      const cut = cell.length > width ? `${cell.slice(0, width - 1)}…` : cell
      return align === 'right' ? cut.padStart(width) : cut.padEnd(width)
    })
    .join(' '.repeat(gap))
    .trimEnd()
}
