/**
 * A text that is shown again and again on a terminal: on the screen that full-screen programs use, so that what stood in the
 * window before is there again afterwards, and written over line by line, so that nothing flickers. Pure.
 */
const enter = '\u001b[?1049h'
const leave = '\u001b[?1049l'
const topLeft = '\u001b[H'
const endOfLine = '\u001b[K'
const belowIsEmpty = '\u001b[J'

export const watchScreen = {
  enter,
  leave,
  /** One picture of it. */
  frame: (text: string, rows: number): string =>
    `${topLeft}${fitRows(text, rows).map((line) => `${line}${endOfLine}`).join('\n')}${belowIsEmpty}`,
}

/** At most so many lines: the middle goes, because the head says what is, and the end what is wrong. */
export function fitRows(text: string, rows: number): readonly string[] {
  const lines = text.split('\n')
  if (lines.length <= rows) return lines
  const afterTable = lines.slice(lines.lastIndexOf('') + 1)
  const end = afterTable.length < rows / 2 ? afterTable : []
  const head = Math.max(0, rows - end.length - 1)
  const left = lines.length - head - end.length
  return [...lines.slice(0, head), `… ${left} lines more in a taller window`, ...end]
}
