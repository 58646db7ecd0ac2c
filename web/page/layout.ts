/**
 * The frame of every page: head, style, footer. No inline style and no inline script, so the policy allows neither.
 */
import type { Html } from './html.ts'
import { html } from './html.ts'

/** Where the assets of a page are served; the names change with their content. */
export interface PageAssets {
  readonly styleUrl: string
  readonly scriptUrl: string
  /** Subresource integrity of the script. */
  readonly scriptIntegrity: string
}

export interface Layout {
  readonly title: string
  readonly description: string
  readonly assets: PageAssets
  readonly body: Html
  /** Only pages that check something in the browser get the script. */
  readonly withScript: boolean
}

export function layoutPage({ title, description, assets, body, withScript }: Layout): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="${description}">
<meta name="robots" content="noindex, nofollow">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${assets.styleUrl}">
${withScript ? html`<script type="module" src="${assets.scriptUrl}" integrity="${assets.scriptIntegrity}" crossorigin="anonymous"></script>` : null}
</head>
<body>
<a class="skip" href="#main">Skip to the record</a>
<header class="bar"><a class="brand" href="/docs">Muster</a><span class="bar-note">records that anybody can check</span></header>
<main id="main">
${body}
</main>
</body>
</html>
`
}
