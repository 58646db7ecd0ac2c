/**
 * What a default run must have met: each fault at least once, and each path of the production code that is taken only
 * when something went wrong. One that stays at zero means that the simulation no longer tests what it says it tests.
 */
export interface RarePath {
  readonly name: string
  /** Counters of the verdict; the path was met as often as their sum. */
  readonly counters: readonly string[]
}

const path = (name: string, ...counters: readonly string[]): RarePath => ({
  name,
  counters: counters.length === 0 ? [name] : counters,
})

export const faultPaths: readonly RarePath[] = [
  path('process killed', 'fault: crash'),
  path('process killed with its commit on the way', 'fault: crash-sent commit'),
  path('process killed when its commit had taken effect', 'fault: crash-done commit'),
  path('process stopped (SIGSTOP)', 'fault: pause'),
  path('process stopped with its renewal on the way', 'fault: pause-sent renewLease', 'fault: pause-done renewLease'),
  path('process stopped while taking slots', 'fault: pause-sent takeSlots', 'fault: pause-done takeSlots'),
  path('process told to end (SIGTERM)', 'fault: stop'),
  path('server away', 'fault: outage'),
  path('process cut off from a server', 'fault: cut-off'),
  path('Redis flushed', 'fault: flush'),
  path('lease ended early', 'fault: early-expiry'),
  path('clock stepped', 'fault: clock-step'),
  path('slot wanted by another', 'fault: handoff'),
  path('snapshot spoilt', 'fault: spoil-snapshot'),
  path('commit lost', 'fault: lose-request commit'),
  path('commit written and its answer lost', 'fault: lose-answer commit'),
  path('commit runs on after its connection', 'fault: run-later commit'),
  path('commit slow', 'fault: delay commit'),
  path('self-fence lost, or its answer', 'fault: lose-request fenceSelf', 'fault: lose-answer fenceSelf'),
  path('self-fence runs on after its connection', 'fault: run-later fenceSelf'),
  path('takeover written and its answer lost', 'fault: lose-answer takeSlots'),
  path('takeover runs on after its connection', 'fault: run-later takeSlots'),
  path('message of the bus lost', 'message lost', 'fault: lose-request publish'),
  path('request or answer lost in bad weather', 'postgres: lose-answer', 'redis: lose-answer'),
]

/** Whole rescales: every phase left by every way, with a manager that dies in it. */
export const rescalePaths: readonly RarePath[] = [
  path('rescale carried through', 'rescale: retire → done'),
  path('rescale given up while preparing', 'rescale: prepare → aborting'),
  path('rescale given up while switching', 'rescale: switch → aborting'),
  path('rescale undone', 'rescale: undoing → waiting'),
  path('manager died while preparing', 'manager died: prepare'),
  path('manager died while switching', 'manager died: switch'),
  path('manager died while retiring', 'manager died: retire'),
  path('manager died while aborting', 'manager died: aborting'),
  path('manager died while undoing', 'manager died: undoing'),
  path('process died in a rescale'),
  path('slot switched'),
  path('slot taken back after an abort'),
  path('feeds met'),
  path('switch with held changes'),
  path('feed behind what is known'),
  path('feed caught up'),
  path('feeds did not meet'),
  path('held changes reached their bound', 'log: too much was heard of a slot before it was ours'),
  path('stay compared with the truth'),
]

export const codePaths: readonly RarePath[] = [
  path('self-fence after an unknown outcome', 'log: outcome of a commit is unknown'),
  path('late statement found its slot fenced'),
  path('late statement took effect'),
  path('commit found its slot fenced'),
  path('slot lost with requests unanswered'),
  path('slot taken back after a handoff', 'log: taking back slots that nobody took'),
  path('handoff finished', 'bus: taken'),
  path('lease began anew', 'log: lease had ended and begins anew'),
  path('fence check proved ownership'),
  path('fence check found the slot lost'),
  path('absence of a lease not trusted'),
  path('reload while a commit of the guild was out'),
  path('poison among others'),
  path('poison found alone'),
  path('command rejected'),
  path('repeated op found in Postgres'),
  path('repeated dispatch passed over', 'feed repeated'),
  path('dispatch heard while the slot was elsewhere', 'feed elsewhere'),
  path('dispatch forwarded to the new owner'),
  path('session resumed by the next life'),
  path('inbox read again from its beginning', 'log: inbox was lost, reading it from its beginning'),
  path('alarm rang'),
  path('sweep found an alarm'),
  path('guild put to rest'),
  path('snapshot written'),
  path('snapshot fenced', 'log: snapshot fenced'),
  path('guild loaded from a snapshot'),
  path('spoilt snapshot passed over', 'log: snapshot is not believed'),
  path('effect failed and tried again', 'effect failed'),
  path('effect done and not known', 'effect done, answer lost'),
  path('effect run by the next owner'),
  path('process drained'),
  path('receipt sealed', 'voice session closed'),
  path('refused: expired'),
  path('refused: busy'),
  path('refused: unanswered'),
  path('refused: stopping'),
  path('refused: rejected'),
  path('calm moment judged'),
  path('seen exit judged'),
]

/** How often each was met. */
export function countPaths(paths: readonly RarePath[], counts: ReadonlyMap<string, number>): Map<string, number> {
  const met = new Map<string, number>()
  for (const { name, counters } of paths) {
    met.set(name, counters.reduce((sum, counter) => sum + (counts.get(counter) ?? 0), 0))
  }
  return met
}
