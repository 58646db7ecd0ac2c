/**
 * Three clocks: ours, Postgres', Discord's. Records carry Postgres' time, so that one must be right. Pure.
 */
import type { Finding } from './finding.ts'
import { note, ok, problem, warning } from './finding.ts'

export interface ClockOffsets {
  /** Its time minus ours, milliseconds; null: not known. */
  readonly postgresMs: number | null
  readonly discordMs: number | null
}

/** Below it nothing is told: Discord's header counts whole seconds. */
const noticedMs = 2_000
/** Codes and interactions are short of time from here on. */
const badMs = 30_000

export function judgeClocks({ postgresMs, discordMs }: ClockOffsets): Finding {
  const known = [postgresMs, discordMs].filter((offset) => offset !== null)
  if (known.length === 0) return note('clocks', 'nothing to compare this clock with: neither Postgres nor Discord was reached')
  const worst = Math.max(...known.map(Math.abs))
  if (worst < noticedMs) return ok('clocks', `this machine${postgresMs === null ? '' : ', Postgres'}${discordMs === null ? '' : ', Discord'} agree`)
  const whose = wrongClock({ postgresMs, discordMs })
  const tell = worst >= badMs ? problem : warning
  return tell('clocks', whose.says, `${whose.fix} (chrony, systemd-timesyncd).`)
}

function wrongClock({ postgresMs, discordMs }: ClockOffsets): { readonly says: string; readonly fix: string } {
  const ours = 'Set the clock of this machine by NTP'
  if (postgresMs === null || discordMs === null) {
    const [other, offset] = postgresMs === null ? ['Discord', discordMs ?? 0] : ['Postgres', postgresMs]
    return { says: `this machine is ${told(-offset)} ${other}`, fix: postgresMs === null ? ours : `${ours}, and that of Postgres` }
  }
  // Two that agree are right, and Discord is right.
  if (Math.abs(postgresMs - discordMs) < noticedMs) return { says: `this machine is ${told(-discordMs)} Discord and Postgres`, fix: ours }
  if (Math.abs(discordMs) < noticedMs) {
    return { says: `Postgres is ${told(postgresMs)} Discord and this machine: records would carry a wrong time`, fix: 'Set the clock of the machine that Postgres runs on by NTP' }
  }
  return { says: `this machine is ${told(-discordMs)} Discord, and Postgres ${told(postgresMs - discordMs)} Discord`, fix: 'Set the clocks of both machines by NTP' }
}

/** `+` is ahead. */
function told(offsetMs: number): string {
  const seconds = Math.abs(offsetMs) / 1000
  const size = seconds >= 90 ? `${(seconds / 60).toFixed(1)} minutes` : `${seconds.toFixed(1)} s`
  return offsetMs > 0 ? `${size} ahead of` : `${size} behind`
}
