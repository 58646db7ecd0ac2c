/**
 * One round: load, fault under load, load, calm, and everybody home again.
 */
import type { FaultName } from './faults.ts'
import { faults } from './faults.ts'
import type { House, RarePaths } from './house.ts'
import { machineMs } from './machine-time.ts'
import type { Strike } from './strike.ts'

export interface Round {
  readonly strike: Strike
  /** Machine time between which questions were asked. */
  readonly loadFrom: number
  readonly loadTo: number
  readonly calmAt: number
  /** By slot, before the fault. */
  readonly fencesBefore: readonly number[]
  readonly rare: RarePaths
}

export async function runRound(
  house: House,
  options: { readonly fault: FaultName; readonly round: number; readonly series: number; readonly seconds: number },
): Promise<Round> {
  const { fault, round, series, seconds } = options
  const pause = (): Promise<void> => Promise.race([house.wait(seconds * 1_000), house.broken])
  const fencesBefore = await house.fences()
  const loadFrom = machineMs()
  house.load(series)
  await pause()
  const strike = await Promise.race([faults[fault](house, round), house.broken])
  await pause()
  const loadTo = machineMs()
  await house.calm()
  const calmAt = machineMs()
  await house.heal()
  return { strike, loadFrom, loadTo, calmAt, fencesBefore, rare: house.takeRarePaths() }
}
