/**
 * How a command writes to the person who typed it: colours only on a terminal, lines wrapped at a width that fits one.
 */
import { styleText } from 'node:util'

/** Tables and paragraphs fit the narrowest terminal that is still common. */
export const terminalWidth = 80

export type Paint = 'red' | 'yellow' | 'green' | 'dim' | 'bold'
/** Puts a colour on a text, or leaves it as it is. */
export type Painter = (paint: Paint, text: string) => string

export const plain: Painter = (_paint, text) => text

/** Colours when the stream is a terminal and nobody asked for none (https://no-color.org). */
export function painterFor(stream: { readonly isTTY?: boolean }, environment: Readonly<Record<string, string | undefined>>): Painter {
  const isWanted = stream.isTTY === true && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb'
  return isWanted ? (paint, text) => styleText(paint, text) : plain
}

/** The same text, at most eighty columns wide: a paragraph with a line that is too long is set anew, under its own indentation. */
export function fitLines(text: string): string {
  return paragraphsOf(text)
    .flatMap((lines) => {
      if (lines.every((line) => line.length <= terminalWidth)) return lines
      const indent = indentOf(lines[0] ?? '')
      return wrap(lines.map((line) => line.trim()).join(' '), terminalWidth - indent.length).map((part) => indent + part)
    })
    .join('\n')
}

/** Lines that belong together: neither empty nor indented. Every other line stands alone. */
function paragraphsOf(text: string): readonly string[][] {
  const paragraphs: string[][] = []
  let isOpen = false
  for (const line of text.split('\n')) {
    const isProse = line !== '' && indentOf(line) === ''
    if (isProse && isOpen) paragraphs.at(-1)?.push(line)
    else paragraphs.push([line])
    isOpen = isProse
  }
  return paragraphs
}

const indentOf = (line: string): string => /^ */.exec(line)?.[0] ?? ''

/** Lines of at most `width` characters, cut between words; a longer word has a line of its own. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}
