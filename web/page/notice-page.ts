/**
 * A page that says one thing: there is no such record, or the link is broken.
 */
import type { Html } from './html.ts'
import { html } from './html.ts'
import type { PageAssets } from './layout.ts'
import { layoutPage } from './layout.ts'

export function renderNoticePage(notice: { readonly headline: string; readonly text: string; readonly assets: PageAssets }): Html {
  const { headline, text, assets } = notice
  const body = html`<section class="verdict notice" aria-labelledby="headline"><div><h1 id="headline">${headline}</h1><p class="explain">${text}</p></div></section>`
  return layoutPage({ title: `${headline} · Muster`, description: text, assets, body, withScript: false })
}
