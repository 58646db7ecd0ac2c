/**
 * The description of the API as a page that can be read: every address with what it takes and answers. No script.
 */
import type { Html } from './html.ts'
import { html } from './html.ts'
import type { PageAssets } from './layout.ts'
import { layoutPage } from './layout.ts'

export interface ShownOperation {
  readonly method: string
  readonly path: string
  readonly id: string
  readonly summary: string
  readonly description: string | null
  readonly parameters: readonly { readonly name: string; readonly place: string; readonly description: string }[]
  /** Fields of the body, if there is one. */
  readonly body: readonly { readonly name: string; readonly description: string }[]
  readonly outcomes: readonly { readonly status: number; readonly description: string }[]
}

export function renderDocsPage(operations: readonly ShownOperation[], assets: PageAssets): Html {
  const body = html`<section class="verdict notice" aria-labelledby="headline"><div>
<h1 id="headline">Check a record</h1>
<p class="explain">Every record has a link. It leads to a page that says in words what the record proves, and that checks it in your own browser. For programs there are the addresses below.</p>
<p class="checked">Without an account. The same for programs: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1).</p></div></section>
<section class="card" aria-labelledby="addresses"><h2 id="addresses">Addresses</h2>
${operations.map(operationBlock)}
</section>
<section class="card" aria-labelledby="errors"><h2 id="errors">Errors</h2>
<p>Are <code>{"error":{"code","message"}}</code>: the code is stable, the message is for people. A record that does not verify is no error: it is answered with 200, <code>"valid": false</code> and a reason.</p>
${rows('Answers of many addresses', commonAnswers.map(([status, text]) => [String(status), text]))}</section>`
  return layoutPage({ title: 'Check a record · Muster', description: 'How to check signed attendance records.', assets, body, withScript: false })
}

function operationBlock(operation: ShownOperation): Html {
  const { parameters, body, outcomes } = operation
  return html`<div class="operation" id="${operation.id}">
<h3><span class="method">${operation.method.toUpperCase()}</span><code>${operation.path}</code></h3>
<p>${operation.summary}.${operation.description === null ? null : html` ${withCode(operation.description)}`}</p>
${parameters.length === 0 ? null : rows('Takes', parameters.map(({ name, place, description }) => [`${name} (${place})`, description]))}
${body.length === 0 ? null : rows('Body', body.map(({ name, description }) => [name, description]))}
${answers(outcomes)}
</div>`
}

/** What any address may answer is told once, below. */
const commonAnswers: readonly (readonly [number, string])[] = [
  [304, 'As before: the ETag that was sent is still the one.'],
  [400, 'Malformed: what is named is not in its form.'],
  [404, 'There is no such record, server or address.'],
  [429, 'Too many requests from this address; Retry-After says when to come again.'],
  [503, 'Not possible at the moment; Retry-After says when to come again.'],
]

function answers(outcomes: ShownOperation['outcomes']): Html {
  const isCommon = (status: number): boolean => commonAnswers.some(([common]) => common === status)
  const own = outcomes.filter(({ status }) => !isCommon(status))
  const common = outcomes.filter(({ status }) => isCommon(status)).map(({ status }) => status)
  return html`${rows('Answers', own.map(({ status, description }) => [String(status), description]))}
${common.length === 0 ? null : html`<p class="small">Also <a href="#errors">${common.join(', ')}</a>.</p>`}`
}

function rows(caption: string, lines: readonly (readonly [string, string])[]): Html {
  return html`<table><caption class="visually-hidden">${caption}</caption><thead><tr><th scope="col">${caption}</th><th scope="col"><span class="visually-hidden">Meaning</span></th></tr></thead><tbody>${lines.map(
    ([name, text]) => html`<tr><th scope="row"><code>${name}</code></th><td>${withCode(text)}</td></tr>`,
  )}</tbody></table>`
}

/** Text between backticks is code. */
function withCode(text: string): readonly Html[] {
  return text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))
}
