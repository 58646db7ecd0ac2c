/**
 * The page about one record, for a judge, a teacher or a parent: the verdict in words, who, where and when, what it proves
 * and what it does not, and the steps that the reader's own browser takes to check it.
 *
 * Without JavaScript it says everything that the server found, and says that it was the server.
 */
import type { Fact, ShownReceipt } from './facts.ts'
import { durationText, factsOf, isEntry, sharesOf, statusText, timeText } from './facts.ts'
import type { Html } from './html.ts'
import { html, jsonBlock } from './html.ts'
import type { PageAssets } from './layout.ts'
import { layoutPage } from './layout.ts'
import { technicalDetails } from './technical-details.ts'
import { verdictIcon } from './icons.ts'

export type Standing = 'genuine' | 'changed' | 'invalid' | 'erased' | 'waiting'

export interface ShownChange {
  readonly at: string
  readonly change: string
  readonly from: string | null
  readonly to: string | null
  readonly by: string | null
  readonly reason: string | null
}

/** What the browser checks: the receipt file, and the statement about its key. */
export interface CheckableRecord {
  readonly guild_id: string
  readonly sequence: number
  readonly prev_hash: string
  readonly signed: string
  readonly signature: string
  readonly payload_hash: string
  readonly key_id: string
  readonly public_key: string
  readonly statement: string
  readonly statement_signature: string
  readonly cluster_key_id: string
  readonly cluster_public_key: string
}

export interface RecordPageModel {
  readonly recordId: string
  readonly standing: Standing
  /** Why it does not verify; null when it does. */
  readonly reason: string | null
  readonly receipt: ShownReceipt | null
  /** A period whose server does not show who spent how much time. */
  readonly hidesEntries: boolean
  readonly changes: readonly ShownChange[]
  /** null: there is nothing that a browser could check. */
  readonly checkable: CheckableRecord | null
  readonly hasReceiptFile: boolean
  /** Of this page, as it was given out. */
  readonly address: string
  /** RFC 3339. */
  readonly checkedAt: string
  readonly assets: PageAssets
}

const headlines: Readonly<Record<Standing, string>> = {
  genuine: 'This record is genuine',
  changed: 'Genuine, and changed since',
  invalid: 'This record does not verify',
  erased: 'This record was erased',
  waiting: 'Not signed yet',
}

export function renderRecordPage(model: RecordPageModel): Html {
  const title = `${headlines[model.standing]} · Muster`
  const body = html`<article data-record="${model.recordId}" data-standing="${model.standing}">
${verdictSection(model)}
${model.changes.length === 0 ? null : changesSection(model.changes)}
${model.receipt === null ? null : factsSection(model.receipt, model)}
${model.checkable === null ? null : checkSection(model.checkable)}
${meaningSection(model.standing)}
${technicalDetails(model)}
</article>`
  return layoutPage({ title, description: explain(model), assets: model.assets, body, withScript: model.checkable !== null })
}

function verdictSection(model: RecordPageModel): Html {
  return html`<section class="verdict ${model.standing}" aria-labelledby="headline">
${verdictIcon(model.standing)}
<div>
<p class="kind">${kindOf(model.receipt)}</p>
<h1 id="headline">${headlines[model.standing]}</h1>
<p class="explain">${explain(model)}</p>
<p class="checked">Checked by our server on <time datetime="${model.checkedAt}">${timeText(model.checkedAt)}</time>. <span id="browser-words" role="status"></span>${
    model.checkable === null ? null : html`<noscript>Your browser has JavaScript switched off, so it has not checked anything itself: this is our server’s word. Below is how you can check.</noscript>`
  }</p>
<p class="checked print-only">To check this sheet, open ${model.address}. Record ${model.recordId}${model.checkable === null ? null : html`, SHA-256 <span class="break">${model.checkable.payload_hash}</span>`}.</p>
</div>
</section>`
}

function kindOf(receipt: ShownReceipt | null): string {
  if (receipt?.type === 'voice-session') return 'Voice session'
  if (receipt?.type === 'period') return 'Period'
  return receipt?.type === 'attendance' ? 'Attendance' : 'Record'
}

function explain(model: RecordPageModel): string {
  switch (model.standing) {
    case 'genuine':
      return 'It was signed with this server’s own key when it was made, and not one character of it has changed since.'
    case 'changed':
      return `It was signed when it was made and has not been altered. A later signed entry changed how it stands: ${standsNow(model.changes)}.`
    case 'invalid':
      return `Do not rely on it. What is kept today is not what was signed, or not all of it. Found: ${model.reason ?? 'it could not be checked'}.`
    case 'erased':
      return 'It was erased on request. Its place in the server’s chain of records is kept, its content is gone.'
    case 'waiting':
      return 'The record is finished and waits for its signature: this server’s signing key is locked at the moment.'
  }
}

function standsNow(changes: readonly ShownChange[]): string {
  const last = changes.at(-1)
  if (last?.change === 'status') return `it now stands as “${statusText(last.to)}”`
  return last?.change === 'removed' ? 'it no longer counts' : 'it was erased'
}

function changesSection(changes: readonly ShownChange[]): Html {
  return html`<section class="card changes" aria-labelledby="changes">
<h2 id="changes">What changed later</h2>
<ol>
${changes.map(
    (change) => html`<li><p class="change">${describeChange(change)}</p>
<p class="small"><time datetime="${change.at}">${timeText(change.at)}</time>${change.by === null ? null : html`, by account <span class="mono">${change.by}</span>`}${
      change.reason === null || change.reason === '' ? null : html`. Reason given: “${change.reason}”`
    }</p></li>`,
  )}
</ol>
</section>`
}

function describeChange({ change, from, to }: ShownChange): Html {
  if (change === 'status') return html`${from === null ? null : html`<s>${statusText(from)}</s> → `}<strong>${statusText(to)}</strong>`
  return change === 'removed' ? html`<strong>Removed</strong>: it no longer counts` : html`<strong>Erased</strong> on request`
}

function factsSection(receipt: ShownReceipt, { standing, hidesEntries }: Pick<RecordPageModel, 'standing' | 'hidesEntries'>): Html {
  const shares = sharesOf(receipt)
  const title = { invalid: 'What is kept today (do not rely on it)', changed: 'What the record said when it was made' }
  return html`<section class="card" aria-labelledby="facts">
<h2 id="facts">${standing === 'invalid' || standing === 'changed' ? title[standing] : 'What the record says'}</h2>
<dl class="facts">
${factsOf(receipt).filter(({ id }) => !hidesEntries || !isEntry(id)).map(
    (fact) => html`<div><dt>${fact.label}</dt><dd>${factValue(fact)}</dd></div>`,
  )}
</dl>
${hidesEntries ? html`<p class="small">Who spent how much time is not shown: this server has not made its boards public. Whoever holds the receipt can have it checked all the same.</p>` : null}
${shares === null ? null : html`<h3>How the time was counted</h3>
${shareBar(shares)}`}
</section>`
}

function factValue(fact: Fact): Html {
  const isId = /^\d{15,}$/.test(fact.text)
  const text = html`<span data-fact="${fact.id}"${isId ? html` class="mono"` : null}>${fact.text}</span>`
  if (fact.time !== undefined) return html`<time datetime="${fact.time}">${text}</time><span class="local" data-local="${fact.time}"></span>`
  const note = fact.note === undefined ? null : html`<span class="local">${fact.note}</span>`
  if (fact.link === undefined) return html`${text}${note}`
  return html`${text} <a class="lookup" href="${fact.link}" rel="noreferrer noopener">look up on Discord<span class="visually-hidden">: ${fact.label} ${fact.text}</span></a>${note}`
}

/** Widths are attributes of a picture: the policy allows no inline style. */
function shareBar(shares: readonly { readonly id: string; readonly label: string; readonly seconds: number }[]): Html {
  const total = shares.reduce((sum, share) => sum + share.seconds, 0)
  let x = 0
  const parts = shares.map((share, index) => {
    const width = total === 0 ? 0 : (share.seconds / total) * 1000
    const part = html`<rect class="share ${share.id} n${index % 4}" x="${x.toFixed(1)}" y="0" width="${Math.max(width - 2, 1).toFixed(1)}" height="20" rx="3"></rect>`
    x += width
    return part
  })
  return html`<svg class="bar-chart" viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true" focusable="false">${parts}</svg>
<ul class="legend">${shares.map(
    (share, index) => html`<li><span class="swatch ${share.id} n${index % 4}" aria-hidden="true"></span>${durationText(share.seconds)} ${share.label}</li>`,
  )}</ul>`
}

const steps = [
  ['hash', 'The text is untouched', 'A fingerprint (SHA-256) of the signed text is computed again and compared. One changed letter gives another one.'],
  ['signature', 'The signature fits', 'The signature is checked with the server’s public key (Ed25519). Only the holder of the private half can have made it.'],
  ['key', 'The key is this server’s', 'A statement by the operator of this service says which key belongs to which server. Its signature is checked as well.'],
  ['page', 'This page shows what was signed', 'The entries above are written again from the signed text and compared with what you see.'],
  ['chain', 'It stands in the server’s chain', 'Every record names the one before it. The neighbours and the signed end of the chain are fetched and compared.'],
] as const

function checkSection(checkable: CheckableRecord): Html {
  return html`<section class="card check" aria-labelledby="check">
<h2 id="check">Check it yourself</h2>
<p id="check-summary" class="check-summary">These five steps are taken by your own browser, not by our server, as soon as it runs JavaScript.</p>
<ol class="steps">
${steps.map(
    ([id, title, text]) => html`<li data-step="${id}" data-state="open"><span class="mark" aria-hidden="true"></span><div><h3>${title} <span class="state" data-state-text></span></h3><p>${text}</p><p class="detail" data-detail></p></div></li>`,
  )}
</ol>
<p class="small">You need not trust this page either: save the <a href="#details">receipt</a> and check it with <code>openssl</code>, offline.</p>
<script type="application/json" id="record">${jsonBlock(checkable)}</script>
</section>`
}

/** What no record proves stands on every page; what this one proves, where it does. */
function meaningSection(standing: Standing): Html {
  const limits = html`<div class="card"><h2>What ${standing === 'genuine' || standing === 'changed' ? 'it' : 'a record'} does not prove</h2>
<ul class="does-not"><li>Who sat at the keyboard: it names an account, not a person.</li>
<li>That the person listened or took part.</li>
<li>Anything about the time before and after.</li></ul></div>`
  if (standing !== 'genuine' && standing !== 'changed') return html`<section class="meaning alone">${limits}</section>`
  return html`<section class="meaning">
<div class="card"><h2>What this proves</h2>
<ul class="does"><li>The record was made under this server’s key, at its place in the order of its records.</li>
<li>It says today exactly what it said then.</li>
<li>If somebody removed or altered it, even in our database, it would show.</li></ul></div>
${limits}
</section>`
}
