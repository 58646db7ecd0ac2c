/**
 * Lets everything run that is ready to run: promises that have their answer, immediates, I/O callbacks. No time passes by
 * a manual clock, and none is waited for by the machine's.
 */
const roundsDefault = 4

export async function settle(rounds = roundsDefault): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await new Promise<void>((resolve) => setImmediate(resolve))
}
