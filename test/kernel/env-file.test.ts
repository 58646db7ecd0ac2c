import { expect } from 'chai'
import { brokenEnvLines } from '../../kernel/env-file.ts'

describe('.env file', () => {
  it('what dotenv reads is not broken', () => {
    const text = [
      '# a comment', '', 'A=1', 'B = two words # why', "C='x # no comment'", 'export D="a\nb"', 'E=', 'F: yaml-like', 'G=a=b', 'H=it\'s',
    ].join('\n')
    expect(brokenEnvLines(text)).to.deep.equal([])
    expect(brokenEnvLines(text.replaceAll('\n', '\r\n'))).to.deep.equal([])
  })

  it('a line without "=", a quote that never ends and an empty name are broken, each with its number', () => {
    expect(brokenEnvLines('A=1\nDATABASE_URL postgres://x\nB="two\nC=3\n=4\n\nD="a" b')).to.deep.equal([2, 3, 5, 7])
  })

  it('lines after a value of several lines keep their numbers', () => {
    expect(brokenEnvLines('A="1\n2\n3"\nbroken')).to.deep.equal([4])
  })
})
