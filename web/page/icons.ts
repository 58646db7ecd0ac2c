/**
 * The sign of a verdict, drawn: told apart by shape as well as by colour.
 */
import type { Html } from './html.ts'
import { html } from './html.ts'
import type { Standing } from './record-page.ts'

const strokes: Readonly<Record<Standing, string>> = {
  genuine: 'M21 33l8 8 15-17',
  changed: 'M32 18v18M32 44v2',
  invalid: 'M23 23l18 18M41 23l-18 18',
  erased: 'M22 32h20',
  waiting: 'M32 20v12l8 6',
}

export function verdictIcon(standing: Standing): Html {
  return html`<svg class="seal" viewBox="0 0 64 64" width="64" height="64" aria-hidden="true" focusable="false"><circle cx="32" cy="32" r="29"></circle><path d="${strokes[standing]}"></path></svg>`
}
