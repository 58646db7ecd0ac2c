import { expect } from 'chai'
import { mergeExpositions } from '../../cluster/merge-expositions.ts'

const page = (process: string, value: number): string =>
  [
    '# HELP a_total Of a: "quoted" \\\\ and more', '# TYPE a_total counter', `a_total{process="${process}"} ${value}`, '',
    '# HELP b_seconds How long.', '# TYPE b_seconds histogram', `b_seconds_bucket{le="+Inf",process="${process}"} 2`, `b_seconds_sum{process="${process}"} 0.5`, '',
  ].join('\n')

describe('pages of metrics as one', () => {
  it('each family once, with the samples of all', () => {
    expect(mergeExpositions([page('x', 1), page('y', 2)])).to.equal(
      [
        '# HELP a_total Of a: "quoted" \\\\ and more', '# TYPE a_total counter', 'a_total{process="x"} 1', 'a_total{process="y"} 2',
        '# HELP b_seconds How long.', '# TYPE b_seconds histogram',
        'b_seconds_bucket{le="+Inf",process="x"} 2', 'b_seconds_sum{process="x"} 0.5', 'b_seconds_bucket{le="+Inf",process="y"} 2', 'b_seconds_sum{process="y"} 0.5', '',
      ].join('\n'),
    )
  })

  it('what is not understood is left out, and so is a family without samples', () => {
    expect(mergeExpositions(['# HELP a_total A.\n# TYPE a_total counter\n'])).to.equal('')
    expect(mergeExpositions([`${page('x', 1)}\n<html>\na_total{process="x" 1\nb_other 7\n`])).to.equal(mergeExpositions([page('x', 1)]))
  })
})
