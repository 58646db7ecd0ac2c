/**
 * The page's script: takes the record that came with the page, runs the checks, and writes down what each found.
 *
 * It asks nobody but the server the page came from, and only for the chain. It writes text, never HTML.
 */
import type { CheckableRecord } from '../page/record-page.ts'
import type { StepResult } from './check-record.ts'
import { checkRecord } from './check-record.ts'
import type { PageDocument, PageWindow } from './page-document.ts'

const window = globalThis as unknown as PageWindow
const { document } = window
const stepCount = 5

const stateTexts: Readonly<Record<StepResult['state'], string>> = { holds: 'holds', fails: 'fails', unknown: 'not checked' }

function showLocalTimes(page: PageDocument): void {
  for (const place of page.querySelectorAll('[data-local]')) {
    const time = new Date(place.dataset['local'] ?? '')
    const text = time.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
    if (!Number.isNaN(time.getTime()) && zone !== 'UTC') place.textContent = `${text} where you are (${zone})`
  }
}

function showStep({ id, state, detail }: StepResult): void {
  const item = document.querySelector(`[data-step="${id}"]`)
  if (item === null) return
  item.dataset['state'] = state
  const words = item.querySelector('[data-state-text]')
  const found = item.querySelector('[data-detail]')
  if (words !== null) words.textContent = stateTexts[state]
  if (found !== null) found.textContent = detail
}

function showSummary(results: readonly StepResult[]): void {
  const count = (state: StepResult['state']): number => results.filter((result) => result.state === state).length
  const [good, bad, open] = [count('holds'), count('fails'), count('unknown')]
  const article = document.querySelector('[data-standing]')
  const verdict = bad > 0 ? 'fails' : open > 0 ? 'partly' : 'holds'
  article?.setAttribute('data-browser', verdict)
  const words = {
    holds: `Your browser has checked this record itself: all ${good} steps hold.`,
    partly: `Your browser has checked this record itself: ${good} of ${stepCount} steps hold, ${open} could not be checked.`,
    fails: `Your browser has checked this record itself: ${bad} of ${stepCount} steps ${bad === 1 ? 'fails' : 'fail'}. Do not rely on it.`,
  }[verdict]
  const summary = document.querySelector('#check-summary')
  if (summary !== null) summary.textContent = words
  summary?.classList.add(verdict)
  const said = document.querySelector('#browser-words')
  if (said !== null) said.textContent = words
  if (verdict === 'fails') showDisagreement()
}

/** The server said it is genuine and the browser found that it is not: the page must not go on looking genuine. */
function showDisagreement(): void {
  const section = document.querySelector('.verdict')
  if (section === null || document.querySelector('[data-standing="invalid"]') !== null) return
  section.classList.remove('genuine', 'changed')
  section.classList.add('invalid')
  const headline = section.querySelector('h1')
  const explain = section.querySelector('.explain')
  if (headline !== null) headline.textContent = 'Your browser found that this does not verify'
  if (explain !== null) explain.textContent = 'Our server called it genuine, and your own check says otherwise. Do not rely on this page.'
  // The sign of the verdict: a cross instead of a tick.
  section.querySelector('.seal path')?.setAttribute('d', 'M23 23l18 18M41 23l-18 18')
}

async function main(): Promise<void> {
  showLocalTimes(document)
  const data = document.querySelector('#record')
  const summary = document.querySelector('#check-summary')
  if (data === null || summary === null) return
  const { subtle } = window.crypto
  if (subtle === undefined) {
    summary.textContent = 'Your browser checks only pages that came over https. You can still save the receipt and check it with openssl.'
    return
  }
  summary.textContent = 'Your browser is checking this record …'
  const deps = {
    sha256: async (bytes: Uint8Array) => new Uint8Array(await subtle.digest('SHA-256', bytes)),
    shownText: (factId: string) => document.querySelector(`[data-fact="${factId}"]`)?.textContent ?? null,
    fetchChain: async (guildId: string, from: number, to: number): Promise<unknown> => {
      if (!window.location.protocol.startsWith('http')) return null
      try {
        const answer = await window.fetch(`/verify/chain/${guildId}?from=${from}&to=${to}`)
        return answer.ok ? await answer.json() : null
      } catch {
        return null // Offline: the step says that it was not checked.
      }
    },
  }
  const results: StepResult[] = []
  for await (const result of checkRecord(deps, JSON.parse(data.textContent) as CheckableRecord)) {
    results.push(result)
    showStep(result)
  }
  showSummary(results)
}

void main()
