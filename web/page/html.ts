/**
 * HTML as text that cannot be broken out of: whatever is put into a template is escaped unless it is HTML already.
 */
type Piece = Html | string | number | null | readonly Html[]

/** The mark is the class, so no cast can lose it on the way. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** null is nothing; a list is its items one after the other. Attribute values must stand in double quotes. */
export function html(texts: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(texts.map((text, index) => (index === 0 ? text : write(pieces[index - 1] ?? null) + text)).join(''))
}

function write(piece: Piece): string {
  if (piece === null) return ''
  if (piece instanceof Html) return piece.text
  return typeof piece === 'object' ? piece.map(write).join('') : escapeText(String(piece))
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? '')
}

/** JSON for a data block: `<` is written so that no text in it can end the element. */
export function jsonBlock(value: unknown): Html {
  return new Html(JSON.stringify(value).replaceAll('<', '\\u003c'))
}
