/**
 * The voice log: who joined, moved, muted and left, when. The sandbox's own record, independent of any bot.
 *
 * One line an event, in order, with the sandbox's clock in Unix milliseconds; README.md tells how sessions are
 * recomputed from it. `sandbox-started` and `sandbox-stopped` frame the time the sandbox was there to be watched.
 * In memory the newest `linesMax` are kept; the file, if there is one, keeps all.
 */
import type { Clock } from '../kernel/clock.ts'
import type { JsonLines } from './json-lines.ts'
import type { VoiceChange } from './world/voice.ts'

export type VoiceLogLine =
  | { n: number; at: number; kind: 'sandbox-started' | 'sandbox-stopped' }
  | {
      n: number
      at: number
      kind: VoiceChange['kind']
      guild: string
      user: string
      /** Where the member is after the event; null after `leave`. */
      channel: string | null
      /** Where the member was before; null before `join`. */
      from: string | null
      session: string
      selfMute: boolean
      selfDeaf: boolean
      mute: boolean
      deaf: boolean
      stream: boolean
      video: boolean
      suppress: boolean
    }

export interface VoiceLog {
  mark(kind: 'sandbox-started' | 'sandbox-stopped'): void
  add(change: VoiceChange): void
  lines(): readonly VoiceLogLine[]
  close(): void
}

const linesMax = 50_000

export function createVoiceLog(deps: { clock: Clock; file: JsonLines | null }): VoiceLog {
  let kept: VoiceLogLine[] = []
  let written = 0
  const add = (line: VoiceLogLine): void => {
    written = line.n
    kept.push(line)
    if (kept.length > linesMax * 1.5) kept = kept.slice(-linesMax)
    deps.file?.write(line)
  }
  return {
    mark: (kind) => add({ n: written + 1, at: Math.trunc(deps.clock.wallMs()), kind }),
    add({ kind, atMs, guildId, userId, channelBefore, channelAfter, state }) {
      add({
        n: written + 1,
        at: Math.trunc(atMs),
        kind,
        guild: guildId,
        user: userId,
        channel: channelAfter,
        from: channelBefore,
        session: state.session_id,
        selfMute: state.self_mute,
        selfDeaf: state.self_deaf,
        mute: state.mute,
        deaf: state.deaf,
        stream: state.self_stream ?? false,
        video: state.self_video,
        suppress: state.suppress,
      })
    },
    lines: () => kept,
    close: () => deps.file?.close(),
  }
}
