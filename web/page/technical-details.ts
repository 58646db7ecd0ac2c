/**
 * The part of the page for those who want everything: signed text, hashes, key, and how to check without a browser.
 */
import type { Html } from './html.ts'
import { html } from './html.ts'
import type { CheckableRecord, RecordPageModel } from './record-page.ts'

export function technicalDetails(model: RecordPageModel): Html {
  const { checkable } = model
  return html`<section class="card details" id="details" aria-labelledby="details-title">
<h2 id="details-title">Receipt and details</h2>
<p>Record <span class="mono break">${model.recordId}</span></p>
${model.hasReceiptFile && model.standing !== 'invalid' ? html`<p><a class="button" href="/receipts/${model.recordId}">Save the receipt</a> <span class="small">A small file to keep. It can be checked for ever, even when this server is gone.</span></p>` : null}
${checkable === null ? null : technicalBlocks(checkable)}
</section>`
}

function technicalBlocks(checkable: CheckableRecord): Html {
  const rows: readonly (readonly [string, string])[] = [
    ['SHA-256 of the signed text', checkable.payload_hash],
    ['Signature (Ed25519, base64)', checkable.signature],
    ['Public key (base64)', checkable.public_key],
    ['Key id', checkable.key_id],
    ['Place in the chain', String(checkable.sequence)],
    ['Hash of the record before', checkable.prev_hash],
    ['Stated by the operator’s key', checkable.cluster_key_id],
  ]
  return html`<details><summary>Technical details</summary>
<dl class="technical">${rows.map(([label, value]) => html`<div><dt>${label}</dt><dd class="mono break">${value}</dd></div>`)}</dl>
<h3>The signed text, exactly</h3>
<pre class="signed" tabindex="0" aria-label="The signed text">${new TextDecoder().decode(decode(checkable.signed))}</pre>
</details>
<details><summary>Check it without a browser</summary>
<p>With <code>openssl</code> (3.0 or newer) and <code>jq</code>, and the receipt saved as <code>receipt.json</code>:</p>
<pre tabindex="0" aria-label="Commands">jq -r .signed receipt.json | openssl base64 -d -A -out signed.bin
jq -r .signature receipt.json | openssl base64 -d -A -out signature.bin
jq -r .public_key_pem receipt.json &gt; key.pem
openssl pkeyutl -verify -pubin -inkey key.pem -rawin \\
  -in signed.bin -sigfile signature.bin</pre>
<p>It prints <code>Signature Verified Successfully</code>. That the key is this server’s: <a href="/keys/${checkable.guild_id}">its statement</a>, signed by <a href="/keys">the operator’s key</a>.</p>
</details>`
}

function decode(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}
