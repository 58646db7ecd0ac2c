/**
 * Where a simulation gets its hands into the in-memory stores: every operation passes here before and after it takes
 * effect.
 *
 * A step that takes its time delays the operation and lets others overtake it. One that rejects before is a request
 * that never arrived; one that rejects after took effect and its answer was lost. Each client of a store brings its own
 * step, so one process can be cut off while the others are not.
 */
export type StepPhase = 'before' | 'after'

/** `operation` is the port's verb (`commit`, `takeSlots`, `renewLease` …). */
export type Step = (operation: string, phase: StepPhase) => Promise<void>

/** Nothing ever goes wrong. */
export const smoothStep: Step = () => Promise.resolve()

/** Runs `effect`, which is atomic, between the two phases of its step. */
export async function stepped<Result>(step: Step, operation: string, effect: () => Result): Promise<Result> {
  // A simulation runs millions of these: what cannot be delayed is not waited for.
  if (step === smoothStep) return effect()
  await step(operation, 'before')
  const result = effect()
  await step(operation, 'after')
  return result
}
