/**
 * One time for all processes of a run: the machine's monotonic clock, in milliseconds.
 *
 * `performance.now()` begins anew in every process; instants of two processes could not be compared.
 */
export function machineMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000
}
