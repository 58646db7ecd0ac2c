import { expect } from 'chai'
import { findQueryProblem, readPage } from './promql.ts'

const page = readPage('# HELP a_total Of a.\n# TYPE a_total counter\na_total{process="x",why="a\\"b"} 1\nb_seconds_bucket{le="0.1"} 2\n')

describe('a query held against a page of metrics', () => {
  it('is taken when everything that it asks for is there', () => {
    for (const query of ['sum by (process) (rate(a_total{why=~"a.*"}[5m]))', 'histogram_quantile(0.99, sum by (le) (rate(b_seconds_bucket[5m])))', 'up{job="x"} == 0', 'a_total{why="x"} < ignoring(why) a_total']) {
      expect(findQueryProblem(query, page), query).to.equal(null)
    }
  })

  it('is refused when a metric or a label is not there, or the text is none', () => {
    expect(findQueryProblem('rate(c_total[5m])', page)).to.equal('c_total is not there')
    expect(findQueryProblem('a_total{guild="1"}', page)).to.equal('a_total has no label guild')
    expect(findQueryProblem('sum by (shard) (a_total)', page)).to.equal('groups by shard, which none of its metrics has')
    expect(findQueryProblem('sum by (process (a_total)', page)).to.match(/^not understood/)
    expect(findQueryProblem('1 + 1', page)).to.equal('asks for no metric')
  })
})
