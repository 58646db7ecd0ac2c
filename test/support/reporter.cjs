/**
 * Mocha's dots, and as the very last line a plain count that a machine can read: `N passed, N failed`.
 *
 * Skipped tests are named in the line only when there are some: a run that skips must not look like one that does not.
 */
'use strict'

const { reporters } = require('mocha')

module.exports = class PlainCountReporter extends reporters.Dot {
  done(failures, finish) {
    const { passes, pending } = this.stats
    const skipped = pending > 0 ? `, ${pending} skipped` : ''
    process.stdout.write(`${passes} passed, ${failures} failed${skipped}\n`)
    finish(failures)
  }
}
