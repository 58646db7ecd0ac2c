/**
 * The safeguards, each taken out: edits of the source text, and their names. A simulation that does not find
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

/** Those that the design is built on: docs/architecture.md tells each. */
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
        '    const taken = await (hasWord',
        '    const cursors = await this.#deps.guilds.loadCursors(seen.map(({ slot }) => slot))\n    const taken = await (hasWord',
      ),
      edit(
        'actors/ownership/takeover.ts',
        'const [cursors] = await Promise.all([this.#deps.guilds.loadCursors(slots), this.#deps.prepareServing(slots)])',
        'await this.#deps.prepareServing(slots)',
      ),
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
    edits: [edit('actors/runtime/catalog.ts', 'this.#deps.onSlotLost(slot, requests, how)', 'this.#deps.onSlotLost(slot, [], how)')],
  },
]

/** What makes a rescale cost nobody a second: docs/architecture.md, FeedSwitch. */
export const rescaleMutants: readonly Mutant[] = [
  {
    name: 'FeedSwitch removed: a slot that was won is reconciled as after an outage',
    edits: [
      edit(
        'shards/gateway/feed-switcher.ts',
        'return reconciler.switchFeed(guildId, {',
        'reconciler.reconcileGuild(guildId, watchedUntil)\n      return Promise.resolve() ?? reconciler.switchFeed(guildId, {',
      ),
    ],
  },
  {
    name: 'FeedSwitch with the states of GUILD_CREATE only',
    edits: [edit('shards/gateway/feed-switcher.ts', '{ ...heard, generation, watchedUntil,', '{ ...heard, changes: [], generation, watchedUntil,')],
  },
  {
    name: 'held events applied after FeedSwitch',
    edits: [
      edit(
        'shards/gateway/feed-switcher.ts',
        'runtime.openFeed(slot, { through, isTold })',
        `runtime.openFeed(slot, { through: through && null, isTold })
    for (const { guildId, changes } of guilds) {
      for (const { opId, at, voice } of changes) {
        const [, session, seq] = /^feed:(.+):(\\d+)$/.exec(opId)
        const command = { feature: 'voice-attendance', kind: 'observe-voice', voice }
        runtime.feed({ guildId, session, seq: Number(seq), receivedAt: at, command })
      }
    }`,
      ),
    ],
  },
]

/** Safeguards that the simulation itself asked for: each is the fix of a failing seed, taken out again. */
export const foundMutants: readonly Mutant[] = [
  {
    name: 'a renewed lease covers what was won under an earlier one',
    edits: [
      edit(
        'actors/runtime/actor-runtime.ts',
        'leaseCovers: (epoch) => this.lease.covers() && this.lease.epoch === epoch,',
        'leaseCovers: () => this.lease.covers(),',
      ),
      edit('actors/runtime/actor-runtime.ts', 'if (uncovered.length > 0)', 'if (uncovered.length < 0)'),
    ],
  },
  {
    name: 'absence of a lease trusted after a flush',
    edits: [
      edit(
        'actors/ownership/slot-keeper.ts',
        'const canTrustAbsence = rememberedForMs >= limits.leaseTtlMs + limits.leaseMarginMs',
        'const canTrustAbsence = rememberedForMs >= 0',
      ),
    ],
  },
  {
    name: 'the living read before the rows',
    edits: [
      edit(
        'actors/ownership/slot-keeper.ts',
        '    const rows = await this.#deps.ownership.readSlots(foreign)\n',
        '    const before = await this.#deps.leases.liveness()\n    const rows = await this.#deps.ownership.readSlots(foreign)\n',
      ),
      edit(
        'actors/ownership/slot-keeper.ts',
        'const { live, rememberedForMs } = await this.#deps.leases.liveness()\n',
        'const { live, rememberedForMs } = before\n',
      ),
    ],
  },
  {
    name: 'a slot handed over whatever is under way',
    edits: [
      edit(
        'actors/ownership/handoff.ts',
        "const foreign = asked.filter(({ slot }) => this.#deps.slots.at(slot).state === 'foreign')",
        "const foreign = asked.filter(({ slot }) => this.#deps.slots.at(slot).state !== 'serving')",
      ),
    ],
  },
  {
    name: 'a word of handoff believed for any fence',
    edits: [
      edit(
        'actors/ownership/handoff.ts',
        'waiting?.from === from && waiting.fence === fence ?',
        'waiting?.from === from && waiting.fence >= fence ?',
      ),
    ],
  },
  {
    name: 'dispatches known by the mark of their slot alone',
    edits: [
      edit(
        'actors/runtime/activation.ts',
        'if (isDispatchApplied(this.state.dispatches, envelope.opId)) {',
        'if (isDispatchApplied([], envelope.opId)) {',
      ),
    ],
  },
  {
    name: 'poison tried alone only in slots that serve',
    edits: [
      edit(
        'actors/runtime/committer.ts',
        'const isOurs = this.#deps.entryOf(first.slot).isOurs',
        "const isOurs = this.#deps.entryOf(first.slot).state === 'serving'",
      ),
    ],
  },
  {
    name: 'what an old reading of an inbox brings is taken',
    edits: [
      edit(
        'actors/runtime/inbox-reader.ts',
        'if (!this.#changed.has(entry.slot)) this.#take(entry)',
        'this.#take(entry)',
      ),
    ],
  },
  {
    name: 'outbox rows of an unknown commit forgotten',
    edits: [edit('actors/runtime/catalog.ts', 'if (mayHaveWritten) this.#deps.onDoubtSettled(slot)', 'void slot')],
  },
  {
    name: 'a lost answer to a self-fence loses the slot',
    edits: [edit('actors/ownership/self-fence.ts', 'seen = rows?.filter(({ owner }) => owner === me) ?? []', 'seen = rows?.slice(0, 0) ?? []')],
  },
  {
    name: 'a home slot wanted back after a handoff',
    edits: [edit('actors/ownership/slot-keeper.ts', '    this.#home.delete(slot)\n    this.#insisted.delete(slot)\n', '    this.#home.add(slot)\n')],
  },
  {
    name: 'an end leaves asks unanswered',
    edits: [edit('actors/runtime/actor-runtime.ts', '    await this.#giveUpSlots()\n', '')],
  },
  {
    name: 'steps that were taken back are decided without the command that stands for them',
    edits: [edit('actors/runtime/activation.ts', "this.gate.takeBack().filter(({ origin }) => origin !== 'step')", 'this.gate.takeBack()')],
  },
  {
    name: 'states of the former feed are forwarded to who has one',
    edits: [
      edit('actors/runtime/actor-runtime.ts', 'if (this.#isFeedState(request.envelope.command)) request.settle', "if (request.origin === 'inbox') request.settle"),
      edit('actors/runtime/actor-runtime.ts', 'this.#deps.hooks.hears?.(guildId) === true', "guildId === 'nobody'"),
    ],
  },
]

/** What keeps the books of voice attendance: missed under a load of voice. */
export const voiceMutants: readonly Mutant[] = [
  {
    name: 'a fresh board begins with the totals of the last one',
    edits: [edit('actors/behaviours/voice-attendance/evolve-period.ts', '      state.totals = {}\n', '')],
  },
  {
    name: 'time that nobody watched falls into no account',
    edits: [edit('actors/behaviours/voice-attendance/accounts.ts', '  session.unobservedMs += until - watchedEnd\n', '')],
  },
]
