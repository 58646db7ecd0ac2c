/**
 * The page about a record in Debian's Chromium: what a reader sees of a genuine, a changed and a tampered record, with and
 * without JavaScript, by day, by night, on a phone and on paper; that nothing is asked of anybody else; that axe finds
 * nothing. And a server that lies: the browser must find out by itself.
 */
import { createRequire } from 'node:module'
import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { startTestApi } from '../support/api-app.ts'
import type { TestApi } from '../support/api-app.ts'
import { chromiumTimeoutMs, needsChromium, openChromium } from '../support/chromium.ts'
import { amendmentDraft, attendanceDraft, periodDraft, sealDrafts } from '../support/every-record.ts'
import { createTestCluster, insertChain, seededRandom, sessionDraft, testUuid } from '../support/records.ts'

const cluster = createTestCluster()
const random = seededRandom('page')
const [session, attendance, tampered, erased, unknown, period] = Array.from({ length: 6 }, () => testUuid(random)) as [string, string, string, string, string, string]
const nasty = '<img src=x onerror=alert(1)> "quoted" </script> Ünïcödé 𝒳'
const chain = sealDrafts(cluster, [
  () => sessionDraft(session, { unobserved_seconds: 30 }),
  () => attendanceDraft(attendance, { student_id: nasty }),
  ([, entry]) => amendmentDraft(entry!, { reason: nasty }),
  () => periodDraft(period, { unsigned: { sessions: 2, seconds: 90 } }),
  () => sessionDraft(erased),
  ([, , , , gone]) => amendmentDraft(gone!, { change: 'erased', from: null, to: null, reason: null }),
  () => sessionDraft(tampered),
])

describe('the page about a record', function () {
  this.timeout(60_000)
  let api: TestApi
  let browser: Browser
  let axe: string
  /** Whether the server shows its boards. */
  let isPublic = true

  before(async function () {
    this.timeout(chromiumTimeoutMs)
    needsChromium(this)
    api = await startTestApi(cluster, { options: { publicUrl: 'https://muster.example' }, deps: { hasPublicBoards: () => Promise.resolve(isPublic) } })
    await insertChain(api.pool, chain)
    await api.pool.query("UPDATE receipt SET signed = convert_to(replace(convert_from(signed, 'UTF8'), '2700', '9999'), 'UTF8') WHERE sequence = 7")
    await api.pool.query('UPDATE receipt SET signed = NULL WHERE sequence = 5')
    browser = await openChromium()
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  })

  after(async () => {
    await browser?.close()
    await api?.stop()
  })

  /** Everything that went wrong while a page was open: requests elsewhere, refused by policy, thrown. */
  async function open(path: string, options: BrowserContextOptions & { readonly change?: (text: string) => string } = {}) {
    const { change, ...contextOptions } = options
    const context = await browser.newContext({ timezoneId: 'Europe/Berlin', ...contextOptions })
    const page = await context.newPage()
    const troubles: string[] = []
    page.on('request', (request) => {
      if (!request.url().startsWith(api.url) && !request.url().startsWith('data:')) troubles.push(`asked ${request.url()}`)
    })
    page.on('console', (message) => void (message.type() === 'error' && troubles.push(message.text())))
    page.on('pageerror', (error) => troubles.push(error.message))
    if (change !== undefined) {
      await page.route(`${api.url}/v/*`, async (route) => {
        const response = await route.fetch()
        await route.fulfill({ response, body: change(await response.text()) })
      })
    }
    const response = await page.goto(`${api.url}${path}`)
    return { page, troubles, response, close: () => context.close() }
  }

  const browserVerdict = async (page: Page): Promise<string | null> => {
    await page.waitForSelector('[data-browser]')
    return await page.getAttribute('[data-standing]', 'data-browser')
  }
  const failing = (page: Page): Promise<string[]> =>
    page.$$eval('[data-state="fails"]', (items) => items.map((item) => item.getAttribute('data-step') ?? ''))

  it('a genuine record: the server says so, and the browser finds all five steps to hold', async () => {
    const { page, troubles, close } = await open(`/v/${session}`)
    expect(await browserVerdict(page)).to.equal('holds')
    expect(await page.$$('[data-state="holds"]')).to.have.length(5)
    expect(await page.textContent('h1')).to.equal('This record is genuine')
    expect(await page.textContent('[data-fact="member"]')).to.equal('1142857142857142858')
    expect(await page.textContent('[data-fact="joined"]')).to.equal('20 November 2026, 18:00:00 UTC')
    expect(await page.textContent('[data-local]')).to.contain('Europe/Berlin')
    expect(await page.textContent('#browser-words')).to.contain('all 5 steps hold')
    expect(troubles).to.deep.equal([])
    await close()
  })

  it('a changed record: still genuine, and how it stands now; text of others stays text', async () => {
    const { page, troubles, close } = await open(`/v/${attendance}`)
    expect(await browserVerdict(page)).to.equal('holds')
    expect(await page.textContent('.explain')).to.contain('it now stands as “Excused”')
    expect(await page.textContent('[data-fact="student"]')).to.equal(nasty)
    expect(await page.$('img')).to.equal(null)
    expect(troubles).to.deep.equal([])
    await close()
  })

  it('a period: its board where the server shows it, checked by the browser; elsewhere counts alone, and the server’s word', async () => {
    const shown = await open(`/v/${period}`)
    expect(await browserVerdict(shown.page)).to.equal('holds')
    expect(await shown.page.textContent('[data-fact="entry-1"]')).to.equal('1142857142857142860: 2 h 00 min 00 s')
    expect(await shown.page.textContent('[data-fact="unsigned"]')).to.equal('2 sessions, 1 min 30 s')
    expect(shown.troubles).to.deep.equal([])
    await shown.close()
    isPublic = false
    try {
      const { page, close } = await open(`/v/${period}`)
      expect(await page.textContent('h1')).to.equal('This record is genuine')
      expect(await page.textContent('[data-fact="members"]')).to.equal('3')
      expect(await page.content()).not.to.contain('1142857142857142860')
      expect(await page.$('#record')).to.equal(null)
      expect(await page.textContent('body')).to.contain('has not made its boards public')
      await close()
    } finally {
      isPublic = true
    }
  })

  it('a record edited in the database: the server says so, and the browser finds the same by itself', async () => {
    const { page, close } = await open(`/v/${tampered}`)
    expect(await page.getAttribute('[data-standing]', 'data-standing')).to.equal('invalid')
    expect(await browserVerdict(page)).to.equal('fails')
    expect(await failing(page)).to.deep.equal(['hash', 'signature'])
    expect(await page.textContent('h1')).to.equal('This record does not verify')
    await close()
  })

  /** The record inside the page, changed by a server that goes on saying that it is genuine. */
  const inRecord = (change: (record: Record<string, string>) => object) => (text: string) =>
    text.replace(/(<script type="application\/json" id="record">)(.*?)(<\/script>)/s, (_all, begin: string, data: string, end: string) =>
      `${begin}${JSON.stringify(change(JSON.parse(data) as Record<string, string>))}${end}`)
  const forged = (record: Record<string, string>) => Buffer.from(Buffer.from(record['signed']!, 'base64').toString().replace('2700', '9999')).toString('base64')
  const strangeKey = Buffer.from(createTestCluster('strangers').cluster.signer.publicKey).toString('base64')
  for (const [what, change, steps] of [
    ['another time shown than signed', (text: string) => text.replace('18:00:00 UTC', '17:00:00 UTC'), ['page']],
    ['another member shown than signed', (text: string) => text.replaceAll('1142857142857142858', '1142857142857142999'), ['page']],
    ['other bytes under the old signature', inRecord((record) => ({ ...record, signed: forged(record) })), ['hash', 'signature', 'page']],
    ['another key', inRecord((record) => ({ ...record, public_key: strangeKey })), ['signature', 'key', 'chain']],
    ['another operator', inRecord((record) => ({ ...record, cluster_public_key: strangeKey })), ['key']],
    ['sloppy base64', inRecord((record) => ({ ...record, signature: `${record['signature']}\n` })), ['signature']],
    ['another hash than the chain has', inRecord((record) => ({ ...record, payload_hash: '0'.repeat(64) })), ['hash', 'chain']],
  ] as const) {
    it(`a server that lies is found out by the browser: ${what}`, async () => {
      const { page, close } = await open(`/v/${session}`, { change })
      expect(await browserVerdict(page)).to.equal('fails')
      expect(await failing(page)).to.deep.equal(steps)
      expect(await page.textContent('h1')).to.equal('Your browser found that this does not verify')
      await close()
    })
  }

  it('offline only the chain stays open: nothing is called genuine that was not checked', async () => {
    const { page, close } = await open('/docs')
    await page.route('**/verify/chain/**', (route) => route.abort())
    await page.goto(`${api.url}/v/${session}`)
    expect(await browserVerdict(page)).to.equal('partly')
    expect(await page.textContent('#check-summary')).to.contain('4 of 5 steps hold, 1 could not be checked')
    await close()
  })

  it('without JavaScript: the server’s verdict, marked as such, and how to check', async () => {
    const { page, close } = await open(`/v/${session}`, { javaScriptEnabled: false })
    expect(await page.textContent('h1')).to.equal('This record is genuine')
    expect(await page.textContent('.checked')).to.contain('Checked by our server').and.contain('this is our server’s word')
    expect(await page.$('[data-browser]')).to.equal(null)
    expect(await page.$$('[data-state="open"]')).to.have.length(5)
    expect(await page.textContent('pre[aria-label="Commands"]')).to.contain('openssl pkeyutl -verify')
    await close()
  })

  it('erased, unknown and broken links are pages that say so', async () => {
    for (const [path, status, headline] of [
      [`/v/${erased}`, 200, 'This record was erased'], [`/v/${unknown}`, 404, 'There is no such record'], ['/v/12', 400, 'This link is broken'],
    ] as const) {
      const { page, response, close } = await open(path)
      expect(response?.status()).to.equal(status)
      expect(await page.textContent('h1')).to.equal(headline)
      if (status === 200) expect(await page.textContent('.does-not')).to.contain('it names an account, not a person')
      await close()
    }
  })

  const looks: readonly (readonly [string, BrowserContextOptions])[] = [
    ['light, desktop', { viewport: { width: 1280, height: 900 } }],
    ['dark, desktop', { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' }],
    ['light, phone', { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }],
    ['dark, phone', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' }],
  ]
  for (const [look, options] of looks) {
    it(`axe finds nothing, and nothing is wider than the window: ${look}`, async () => {
      for (const path of [`/v/${session}`, `/v/${attendance}`, `/v/${tampered}`, `/v/${erased}`, `/v/${period}`, `/v/${unknown}`, '/docs']) {
        // axe writes into the page, which the page's own policy forbids.
        const { page, close } = await open(path, { ...options, bypassCSP: true, reducedMotion: 'reduce' })
        if (path.startsWith('/v/') && (await page.$('#record')) !== null) await browserVerdict(page)
        for (const details of await page.$$('details')) await details.evaluate((element) => element.setAttribute('open', ''))
        await page.evaluate(axe)
        const violations = await page.evaluate(async () => {
          const { axe: checker } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }
          const result = await checker.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] })
          return result.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
        })
        expect(violations, path).to.deep.equal([])
        const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
        expect(overflow, `${path} is wider than the window`).to.equal(0)
        await close()
      }
    })
  }

  it('on paper: the address and the hash are there, buttons are not, and it is two pages at most', async () => {
    const { page, close } = await open(`/v/${session}`)
    await browserVerdict(page)
    await page.emulateMedia({ media: 'print' })
    expect(await page.isVisible('.print-only')).to.equal(true)
    expect(await page.textContent('.print-only')).to.contain(`https://muster.example/v/${session}`).and.match(/SHA-256 [0-9a-f]{64}/)
    expect(await page.isVisible('.button')).to.equal(false)
    const pdf = (await page.pdf({ format: 'A4', margin: { top: '15mm', bottom: '15mm', left: '15mm', right: '15mm' } })).toString('latin1')
    expect(pdf.match(/\/Type\s*\/Page\b/g)!.length).to.be.at.most(2)
    await close()
  })

  it('the policy allows nothing inline and nobody else', async () => {
    const { response, close } = await open(`/v/${session}`)
    const policy = response?.headers()['content-security-policy'] ?? ''
    expect(policy).to.contain("default-src 'none'").and.contain("script-src 'self'").and.contain("require-trusted-types-for 'script'")
    expect(policy).not.to.contain('unsafe').and.not.to.contain('http')
    const text = (await response?.text()) ?? ''
    expect(text).not.to.match(/ style="| on\w+="|<script(?! type="application\/json"| type="module" src="\/assets\/)/)
    expect(text).to.match(/integrity="sha384-/)
    await close()
  })
})
