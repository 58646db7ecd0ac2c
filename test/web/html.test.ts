/** HTML that cannot be broken out of. */
import { expect } from 'chai'
import fc from 'fast-check'
import { html, jsonBlock } from '../../web/page/html.ts'
import { propertyRuns } from '../support/records.ts'

describe('html', () => {
  it('escapes every text, keeps HTML, joins lists, leaves out null', () => {
    const inner = html`<b>${'a & b'}</b>`
    expect(html`<p title="${'"><script>'}">${inner}${null}${[inner, inner]}${3}</p>`.text).to.equal(
      '<p title="&quot;&gt;&lt;script&gt;"><b>a &amp; b</b><b>a &amp; b</b><b>a &amp; b</b>3</p>',
    )
  })

  it('whatever the text, no element and no attribute can come of it', () => {
    fc.assert(fc.property(fc.string(), (text) => !/[<>"']/.test(html`${text}`.text)), propertyRuns(300))
  })

  it('whatever the value, a data block is read back and cannot end its element', () => {
    const roundTrip = fc.property(fc.jsonValue(), (value) => {
      const { text } = jsonBlock(value)
      expect(text).not.to.contain('<')
      expect(JSON.parse(text)).to.deep.equal(JSON.parse(JSON.stringify(value)))
    })
    fc.assert(roundTrip, propertyRuns(300))
    expect(jsonBlock('</script><!--').text).to.equal('"\\u003c/script>\\u003c!--"')
  })
})
