/**
 * Follows each command by its op id, `trace`, through decision, commit and effects, in lines of level debug.
 *
 * An interaction's id and a request's op id are known to whoever asked, so that one search finds what became of it, in every
 * process it came through. Effects carry the trace of the command that wished for them, also into the next owner. Put
 * together only where debug is logged: without it a command costs nothing more. No line says what a command holds.
 */
import type { ActorRuntimeHooks } from '../actors/runtime/actor-runtime.ts'
import type { EffectRunner } from '../actors/runtime/outbox.ts'
import type { Log, LogLevel } from '../kernel/log.ts'

type TracedHooks = Pick<ActorRuntimeHooks, 'observeCommand' | 'onDurable'>

export interface Trace {
  /** The same hooks, each command and commit told on the way. */
  turns<Hooks extends TracedHooks>(hooks: Hooks): Hooks
  /** The same runner, each attempt told with the trace of the command that wished for it. */
  effects(runner: EffectRunner): EffectRunner
}

export function createTrace(log: Log, level: LogLevel): Trace {
  if (level !== 'debug') return { turns: (hooks) => hooks, effects: (runner) => runner }
  return { turns: (hooks) => traceTurns(log, hooks), effects: (runner) => traceEffects(log, runner) }
}

function traceTurns<Hooks extends TracedHooks>(log: Log, hooks: Hooks): Hooks {
  return {
    ...hooks,
    observeCommand(request, outcome) {
      const { opId: trace, guildId, command } = request.envelope
      const result = outcome.status === 'answered' ? outcome.reply.kind : outcome.reason
      log.debug('command settled', { trace, guildId, feature: command.feature, command: command.kind, status: outcome.status, result })
      hooks.observeCommand?.(request, outcome)
    },
    onDurable(turns) {
      for (const { request, guildId, slot, from, to, rows } of turns) {
        const effects = rows.outbox.map(({ seq, ordinal, kind }) => `${seq}/${ordinal} ${kind}`)
        log.debug('committed', { trace: request.envelope.opId, guildId, slot, from: from + 1, to, receipts: rows.receipts.length, effects })
      }
      hooks.onDurable?.(turns)
    },
  }
}

function traceEffects(log: Log, runner: EffectRunner): EffectRunner {
  return {
    ...runner,
    async run(attempt, signal) {
      const { trace, guildId, kind, opId, attempt: number } = attempt
      const result = await runner.run(attempt, signal)
      log.debug('effect ran', { trace, guildId, effect: kind, opId, attempt: number, result: result.kind })
      return result
    },
  }
}
