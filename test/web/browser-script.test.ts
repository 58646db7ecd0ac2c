/** The script that is served is the one that its sources make, byte for byte. */
import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { browserScript, bundleBrowserScript } from '../support/build-browser.ts'

describe('the browser’s script', () => {
  it('is what `npm run build:web` makes of its sources', async () => {
    expect(await readFile(browserScript, 'utf8')).to.equal(await bundleBrowserScript())
  })

  it('asks nobody but the server it came from, and writes no HTML', async () => {
    const text = await readFile(browserScript, 'utf8')
    expect(text).not.to.match(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|import\(|XMLHttpRequest|WebSocket/)
    expect(text.match(/fetch\(/g)).to.have.length(1)
  })
})
