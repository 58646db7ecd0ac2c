/**
 * The voice log: who joined, moved, muted and left, when. The sandbox's own record, independent of any bot.
 *
 * One line an event, in order, with the sandbox's clock in Unix milliseconds; README.md tells how sessions are
 * recomputed from it. `sandbox-started` and `sandbox-stopped` frame the time the sandbox was there to be watched.
 * In memory the newest `linesMax` are kept; the file, if there is one, keeps all.
 */
import type { Clock } from '../kernel/clock.ts'
import type { JsonLines } from './json-lines.ts'
import type { VoiceState } from './world/state.ts'
import type { VoiceChange } from './world/voice.ts'

export type VoiceLogLine =
  | { n: number; at: number; kind: 'sandbox-started' | 'sandbox-stopped' }
  | {
      n: number
      at: number
      /** `present` follows `sandbox-started`: the member was in voice already when the sandbox came up. */
      kind: VoiceChange['kind'] | 'present'
      guild: string
      user: string
      /** Where the member is after the event; null after `leave`. */
      channel: string | null
      /** Where the member was before; null of `join` and `present`. */
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
  /** Says that the sandbox is up, and who is in voice already. */
  started(present: readonly { guildId: string; state: VoiceState }[]): void
  stopped(): void
  add(change: VoiceChange): void
  lines(): readonly VoiceLogLine[]
  close(): void
}

const linesMax = 50_000

interface StateAt extends Pick<VoiceChange, 'guildId' | 'channelBefore' | 'channelAfter' | 'state'> {
  at: number
  kind: VoiceChange['kind'] | 'present'
}

export function createVoiceLog(deps: { clock: Clock; file: JsonLines | null }): VoiceLog {
  let kept: VoiceLogLine[] = []
  let written = 0
  const add = (line: VoiceLogLine): void => {
    written = line.n
    kept.push(line)
    if (kept.length > linesMax * 1.5) kept = kept.slice(-linesMax)
    deps.file?.write(line)
  }
  const nowMs = (): number => Math.trunc(deps.clock.wallMs())
  const addState = (about: StateAt): void => {
    const { kind, at, guildId, channelBefore, channelAfter, state } = about
    add({
      n: written + 1,
      at,
      kind,
      guild: guildId,
      user: state.user_id,
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
  }
  return {
    started(present) {
      const at = nowMs()
      add({ n: written + 1, at, kind: 'sandbox-started' })
      for (const { guildId, state } of present) {
        addState({ kind: 'present', at, guildId, channelBefore: null, channelAfter: state.channel_id, state })
      }
    },
    stopped: () => add({ n: written + 1, at: nowMs(), kind: 'sandbox-stopped' }),
    add: ({ atMs, ...change }) => addState({ ...change, at: Math.trunc(atMs) }),
    lines: () => kept,
    close: () => deps.file?.close(),
  }
}
