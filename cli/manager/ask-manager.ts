/**
 * Asks the manager for something and follows it to its end: one row in Postgres, read again and again.
 *
 * The manager may die in the middle and another one go on; this end may die too, and what was asked goes on without it.
 * Ctrl-c asks to give it up and then waits until the old topology serves; a second ctrl-c leaves at once.
 */
import type { RescalePlan, RescaleProgress, Wish } from '../../cluster/wish.ts'
import { nameOfWish, parseProgress, parseWish } from '../../cluster/wish.ts'
import type { Clock } from '../../kernel/clock.ts'
import { waitFor } from '../../kernel/clock.ts'
import type { ManagerRequestStore, StoredRequest } from '../../prisma/manager-request-store.ts'
import { endedLine, planLines, stepLine } from './progress-view.ts'

const followIntervalMs = 200
/** A manager looks twice a second: one that has not by then is not there. */
const takePatienceMs = 10_000
/** The manager writes at least every two seconds while it works. */
const silenceMs = 8_000

export interface ManagerOutput {
  /** One JSON object at the end and nothing else. */
  readonly json: boolean
  /** A terminal: lines may be written over. */
  readonly isTerminal: boolean
  write(text: string): void
}

export interface AskManagerDeps {
  readonly clock: Clock
  readonly requests: ManagerRequestStore
  readonly newId: () => string
  readonly output: ManagerOutput
  /** Called with what to do at each ctrl-c; returns how to stop that. */
  onInterrupt(listener: () => void): () => void
}

/** Resolves with the exit status: 0 done, 1 refused, given up or failed. */
export async function askManager(deps: AskManagerDeps, wish: Wish): Promise<number> {
  const id = deps.newId()
  const inserted = await deps.requests.insertRequest({ id, wish: JSON.stringify(wish) })
  if (inserted !== 'inserted') {
    const name = nameOfWish(parseWish(inserted.open.wish))
    return tellEnd(deps.output, {
      state: 'refused',
      sentence: `\`${name}\` is being done. Wait for it, or give it up with \`muster rescale --abort\`.`,
      progress: null,
    })
  }
  return await follow(deps, id)
}

/** Gives up whatever is being done, and follows that to its end. */
export async function abortPresent(deps: AskManagerDeps): Promise<number> {
  const open = await deps.requests.openRequest()
  if (open === null) return tellEnd(deps.output, { state: 'refused', sentence: 'Nothing is being done that could be given up.', progress: null })
  if (await deps.requests.withdrawRequest(open.id)) {
    return tellEnd(deps.output, { state: 'done', sentence: 'No manager had taken it; it is withdrawn.', progress: null })
  }
  await deps.requests.askAbort(open.id)
  const status = await follow(deps, open.id)
  // What was asked for here is that it ends; only one that was done all the same was not given up.
  return status === 1 ? 0 : 1
}

async function follow(deps: AskManagerDeps, id: string): Promise<number> {
  const screen = new Screen(deps.output)
  let interrupts = 0
  const ignore = deps.onInterrupt(() => {
    interrupts += 1
  })
  let told = 0
  const startedAtMs = deps.clock.monotonicMs()
  try {
    for (;;) {
      const request = await deps.requests.readRequest(id)
      if (request === null) return tellEnd(deps.output, { state: 'failed', sentence: 'The request is gone from the database.', progress: null })
      const progress = request.progress === null ? null : parseProgress(request.progress)
      if (request.state === 'asked') {
        if (interrupts > 0 || deps.clock.monotonicMs() - startedAtMs > takePatienceMs) {
          if (await deps.requests.withdrawRequest(id)) return tellEnd(deps.output, { ...nobodyThere(interrupts > 0), progress })
        }
      } else if (request.state === 'running') {
        screen.show(progress, request)
        if (interrupts > told) {
          told = interrupts
          if (interrupts > 1) return tellEnd(deps.output, { state: 'aborted', sentence: 'Left. The manager goes on giving it up; `muster status` tells how far it is.', progress })
          screen.say('Giving it up. Ctrl-c once more leaves without waiting for the old topology.')
          await deps.requests.askAbort(id)
        }
      } else {
        screen.show(progress, request)
        screen.end()
        return tellEnd(deps.output, { state: request.state, sentence: request.sentence ?? '', progress })
      }
      await waitFor(deps.clock, followIntervalMs)
    }
  } finally {
    ignore()
  }
}

function nobodyThere(isInterrupted: boolean): { readonly state: 'refused' | 'aborted'; readonly sentence: string } {
  if (isInterrupted) return { state: 'aborted', sentence: 'Withdrawn; nothing was begun.' }
  return {
    state: 'refused',
    sentence: 'No manager answers, and the request is withdrawn. Start one (`muster up`, or pm2), with the same DATABASE_URL as here.',
  }
}

interface End {
  readonly state: StoredRequest['state']
  readonly sentence: string
  readonly progress: RescaleProgress | null
}

function tellEnd(output: ManagerOutput, { state, sentence, progress }: End): number {
  if (output.json) output.write(`${JSON.stringify({ state, sentence, plan: progress?.plan ?? null })}\n`)
  else output.write(`${sentence}\n`)
  return state === 'done' ? 0 : 1
}

/** What a person sees: the plan once, then a line a step, written over on a terminal. */
class Screen {
  readonly #output: ManagerOutput
  #plan: RescalePlan | null = null
  #line = ''
  #step = ''
  #isSilent = false

  constructor(output: ManagerOutput) {
    this.#output = output
  }

  show(progress: RescaleProgress | null, { silentMs, state }: Pick<StoredRequest, 'silentMs' | 'state'>): void {
    if (this.#output.json || progress === null) return
    if (progress.plan !== null && this.#plan === null) {
      this.#plan = progress.plan
      for (const line of planLines(progress.plan)) this.#output.write(`${line}\n`)
    }
    const line = stepLine(progress)
    if (line !== null && line !== this.#line) this.#showLine(progress.step, { line, ended: endedLine(this.#step, progress) })
    const isSilent = state === 'running' && silentMs > silenceMs
    if (isSilent && !this.#isSilent) this.say('The manager is silent. If it died, the processes serve on; start it again, and it ends this.')
    this.#isSilent = isSilent
  }

  say(sentence: string): void {
    if (this.#output.json) return
    this.end()
    this.#output.write(`${sentence}\n`)
  }

  /** The line is left as it is; what comes next begins a new one. */
  end(): void {
    if (this.#line !== '' && this.#output.isTerminal) this.#output.write('\n')
    this.#line = ''
    this.#step = ''
  }

  #showLine(step: string, { line, ended }: { readonly line: string; readonly ended: string | null }): void {
    if (this.#output.isTerminal) {
      // What was not looked at in the last fifth of a second has come to its end all the same.
      if (this.#step !== '' && this.#step !== step) this.#output.write(`${ended === null ? '' : `\r\u001b[K${ended}`}\n`)
      this.#output.write(`\r\u001b[K${line}`)
    } else if (this.#step !== step) this.#output.write(`${line}\n`)
    this.#step = step
    this.#line = line
  }
}
