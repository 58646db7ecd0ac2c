/**
 * How long each slot was silent, as the processes themselves logged it (`slot switched`). Pure.
 */
export function stallsIn(output: string): readonly number[] {
  const stalls: number[] = []
  for (const line of output.split('\n')) {
    if (!line.includes('"slot switched"')) continue
    const { stallMs } = JSON.parse(line) as { stallMs?: number | null }
    if (typeof stallMs === 'number') stalls.push(stallMs)
  }
  return stalls.sort((a, b) => a - b)
}
