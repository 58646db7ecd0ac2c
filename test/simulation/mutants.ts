/**
 * The safeguards, each taken out: edits of the source text, and what DESIGN calls them. A simulation that does not find
 * a mutant does not test that safeguard.
 *
 * `find` must be in its file exactly once, so that a change of the source is noticed here. The fence predicate and the
 * self-fence are SQL in production; here the same rule is taken out of the database in memory, and the contract suites
 * hold that against the SQL.
 */
export interface Edit {
  readonly file: string
  readonly find: string
  readonly replace: string
}

export interface Mutant {
  readonly name: string
  readonly edits: readonly Edit[]
}

const edit = (file: string, find: string, replace: string): Edit => ({ file, find, replace })

/** Those that DESIGN lists under "How it is tested". */
export const designMutants: readonly Mutant[] = [
  {
    name: 'fence predicate gone',
    edits: [
      edit(
        'test/support/memory/memory-database.ts',
        'return this.slots.get(slot)?.fence === fence',
        'return this.slots.has(slot) || fence < 0',
      ),
    ],
  },
  {
    name: 'output gate gone',
    edits: [
      edit(
        'actors/runtime/output-gate.ts',
        'if (answer === undefined || answer.seq > this.#durable) return',
        'if (answer === undefined) return',
      ),
    ],
  },
  {
    name: 'op ids not looked up on retry',
    edits: [
      edit(
        'actors/runtime/activation.ts',
        'return !request.lookedUp && this.#needsResult(request)',
        'return !request.lookedUp && !this.#needsResult(request) && request.attempts < 0',
      ),
    ],
  },
  {
    name: 'cursor written before the effects',
    edits: [edit('actors/runtime/low-water.ts', "      if (entry.state === 'open') break\n", '')],
  },
  {
    name: 'deadline computed after the renewal',
    edits: [
      edit(
        'actors/ownership/lease-keeper.ts',
        'this.#deadlineMs = deadlineMs\n',
        'this.#deadlineMs = Math.max(deadlineMs, leaseDeadline(this.#deps.clock.monotonicMs()))\n',
      ),
    ],
  },
  {
    name: 'no reload after doubt',
    edits: [edit('actors/runtime/catalog.ts', '      for (const guild of doubted) this.#reload(guild)\n', '      void doubted\n')],
  },
  {
    name: 'load in the takeover statement',
    edits: [
      // What the old owner left is read while the fence is being raised, hence as it was before.
      edit(
        'actors/runtime/catalog.ts',
        "} else if (entry.state === 'serving') {",
        "} else if (entry.state === 'serving' || entry.state === 'taking') {",
      ),
      edit(
        'actors/ownership/takeover.ts',
        '    const taken = await this.#deps.lock',
        '    const cursors = await this.#deps.guilds.loadCursors(seen.map(({ slot }) => slot))\n    const taken = await this.#deps.lock',
      ),
      edit('actors/ownership/takeover.ts', '    const cursors = await this.#deps.guilds.loadCursors(taken.map(({ slot }) => slot))\n', ''),
    ],
  },
  {
    name: 'unconditional self-fence',
    edits: [
      edit(
        'test/support/memory/memory-stores.ts',
        'database.raiseFences(held, { passes: (row) => row.owner === owner })',
        'database.raiseFences(held.flatMap(({ slot }) => database.slots.get(slot) ?? []), { owner })',
      ),
    ],
  },
  {
    name: 'reload without waiting for the lane',
    edits: [edit('actors/runtime/activation.ts', '    await this.#deps.committer.whenGuildLanded(this.guildId)\n', '')],
  },
  {
    name: 'undurable commands dropped',
    edits: [edit('actors/runtime/catalog.ts', 'this.#deps.onSlotLost(slot, requests)', 'this.#deps.onSlotLost(slot, [])')],
  },
]
