/** A watched text on a terminal: nothing wider or longer than the window, and what is wrong is never cut off. */
import { expect } from 'chai'
import { fitRows, watchScreen } from '../../../cli/status/watch-screen.ts'

const table = ['head', '', ...Array.from({ length: 30 }, (_, row) => `row ${row}`), '', '! one is silent', '! a slot has no owner'].join('\n')

describe('the screen of muster status --watch', () => {
  it('shows a text that fits as it is', () => {
    expect(fitRows('a\nb', 2)).to.deep.equal(['a', 'b'])
  })

  it('leaves the middle out of one that does not: the head and the troubles stay', () => {
    const lines = fitRows(table, 10)
    expect(lines).to.have.length(10)
    expect(lines.slice(0, 3)).to.deep.equal(['head', '', 'row 0'])
    expect(lines.slice(-3)).to.deep.equal(['… 26 lines more in a taller window', '! one is silent', '! a slot has no owner'])
  })

  it('without troubles, or with too many, only the end goes', () => {
    expect(fitRows('a\nb\nc\nd', 3)).to.deep.equal(['a', 'b', '… 2 lines more in a taller window'])
    expect(fitRows('a\n\nb\nc\nd', 4).at(-1)).to.equal('… 2 lines more in a taller window')
  })

  it('writes over what was there, line by line, and ends without scrolling', () => {
    expect(watchScreen.frame('a\nb', 24)).to.equal('\u001b[Ha\u001b[K\nb\u001b[K\u001b[J')
  })
})
