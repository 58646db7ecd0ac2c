/**
 * Every bound of the house, with its reason and the name of what happens at it. A number here is a promise: the
 * outcome at the bound is a tested, named answer, never a growing array. Relations between bounds are asserted below.
 */
import { assert } from './assert.ts'

export const limits = {
  /** 2^7 · 3: for every allowed shard count N, `slot % N` is the shard, so a slot never splits in a rescale. */
  slotCount: 384,
  /** Lanes a process commits through; slot % lanes picks one. Two hide the round trip; a third found the cores taken. */
  commitLanes: 2,
  /** Snapshots being written at once; a due one past it waits for the guild's next turn. */
  snapshotWritesMax: 64,
  /** Outbox rows one process holds to run; the rest stays in Postgres until there is room. */
  outboxHeldMax: 10_000,
  /** Effects of one process on their way to Discord at once. */
  effectsInFlightMax: 64,
  /** Advisory effects waiting, one a target; past it the new one is dropped. */
  advisoryTargetsMax: 10_000,
  /** Alarm rows read in one sweep, earliest first; the rest is found by the next sweep. */
  alarmsPerSweepMax: 1_000,
  /** How long a copy of an unlocked key lives in Redis without its owner: a crash and a takeover fit, a night does not. */
  unlockedKeyTtlMs: 600_000,
  /** Waiting records that are sealed in one commit: 400 signatures, about 15 ms of one turn. */
  waitingRunMax: 200,
  /** Records erased in one command; more go by further commands. An event each, as the waiting ones. */
  erasedAtOnceMax: 200,
  /** Events in one commit. Above this the batch's latency grows faster than its throughput. Rest: next batch. */
  commitBatchEventsMax: 500,
  /** Undurable events a lane may hold before it refuses `batch-full`: about half a second of a busy process. */
  laneUndurableEventsMax: 20_000,
  /** Commands waiting for one guild; past it `mailbox-full`. A class of 10,000 typing at once fits. */
  mailboxDepthMax: 12_000,
  /** Entries in one slot's inbox; past it `inbox-full`, refused before anything is added. */
  inboxDepthMax: 20_000,
  /** Commands held for a slot that is changing hands; past it `no-owner`. */
  heldCommandsPerSlotMax: 5_000,
  /** Turns of one guild before the event loop is let breathe: at 40 µs a signed turn, about 2.5 ms. */
  turnsPerBreathMax: 64,
  /** Times a command may break its activation before it is journaled as rejected. */
  commandAttemptsMax: 3,
  /** Longest stored op result, bytes of JSON; a longer one is a bug of its command, which is then rejected. */
  opResultBytesMax: 4096,
  /** Results of decided commands one process remembers; older ones are found in Postgres. */
  rememberedOpsMax: 50_000,
  /** How far an asker's clock may be off before its new op ids are looked up, and then only that. */
  opClockMarginMs: 1_000,
  /** How long an op result answers a repeated request; older requests are refused `expired`. */
  opResultTtlMs: 24 * 3_600_000,
  /** Lease of a process: long enough for a bad GC pause, short enough for I9. */
  leaseTtlMs: 3_000,
  leaseRenewIntervalMs: 750,
  /** Subtracted from a lease's own deadline for clock-rate drift between this machine and Redis. */
  leaseMarginMs: 100,
  /** Longest wait for the lock around a takeover; past it the takeover goes on by compare-and-set alone. */
  takeoverLockWaitMs: 200,
  /** Slots taken in one statement; tried between 64 and 256, beyond that the row locks outlast a commit. */
  takeoverSlotsMax: 256,
  /** Slots asked of one owner at once: silent together, so few; each round costs a few round trips, so not one. */
  handoffSlotsMax: 2,
  /** A planned handoff's old owner has this long to answer before the crash path is taken. */
  handoffAnswerMs: 500,
  /** Of that the old owner, serving on, spends so much on snapshots; guilds without one are replayed from their journal. */
  handoffSnapshotMs: 100,
  /** Changes of voice held for one slot until it is ours; past it the guild is reconciled as after an outage. */
  heldChangesPerSlotMax: 10_000,
  /** An interaction that another generation may answer is held this long at most: at three seconds Discord gives up. */
  heldInteractionMs: 2_500,
  /** How far two sockets of one token are apart at most: one that is further behind is reconciled as after an outage. */
  feedLagMs: 1_000,
  /** How far the database time of two processes is apart at most, as each has estimated it; no outage is as short. */
  processClocksApartMs: 250,
  /** Interactions held by one process; past it the oldest is left to whoever answers there. */
  heldInteractionsMax: 5_000,
  /** An old owner that hears nothing this long after it answered takes the slot back. */
  handoffTakeBackMs: 1_000,
  /** How often survivors look for leases that ended. */
  livenessPollMs: 50,
  /** A guild nobody asked this long is packed small; longer than the pauses of a lively voice channel. */
  restAfterMs: 5_000,
  /** A state with more entries is not packed: that would hold the event loop up for more than about a millisecond. */
  restEntriesMax: 256,
  /** An activation without open work is released after this long without a command. */
  idleReleaseMs: 180_000,
  /** Activations one process keeps; past it the least recently used one without open work is released. */
  activationsMax: 20_000,
  /** A snapshot is due when events since the last reach this or the number of entries in the state. */
  snapshotEventsMin: 256,
  /** Answers from memory waiting for one fence check; past it `busy`. */
  fenceCheckWaitersMax: 10_000,
  /** A fence check or reload that takes longer makes the waiting answers `busy`. */
  fenceCheckTimeoutMs: 2_000,
  /** A process that ends waits this long for what it took in; what is open then is told `unanswered`. */
  drainMsMax: 5_000,
  /** A shard process without a manager serves on for so long; an operator who has not started another by then will not. */
  orphanMsMax: 600_000,
  /** Server-side bound of one commit. */
  statementTimeoutMs: 5_000,
  /** Entries taken from all inboxes in one read. */
  inboxReadCountMax: 500,
  /** A blocking read of the inboxes returns at the latest after this. */
  inboxBlockMs: 1_000,
  /** `ask()` publishes again with the same op id after this long without an answer, then after twice and four times as long. */
  askRetryMs: 1_000,
  /** Longest such pause: an owner that is slow, not gone, must not get more to do for it. */
  askRetryMsMax: 4_000,
  /** Role panels of one guild; past it `too-many-panels`. */
  panelsMax: 100,
  /** Roles of one panel: five menus of 25, which is what a message holds; past it `too-many-roles`. */
  panelRolesMax: 125,
  /** Roles of a panel of buttons: five rows of five; past it `too-many-buttons`. */
  panelButtonsMax: 25,
  /** Seats of one role: each is an entry of the state. */
  panelSeatsMax: 1_000,
  /** Required, and forbidden, roles of one entry. */
  panelRuleRolesMax: 10,
  /** Role changes of one guild on their way to Discord, which takes one a second; past it `too-many-changes`. */
  roleChangesMax: 2_000,
  /** Grants of one guild that end by themselves; past it a temporary role is refused `too-many-temporary`. */
  temporaryRolesMax: 10_000,
  /** Grants that end in one turn; the rest in the next. */
  expiriesPerTurnMax: 50,
  /** Lines of a guild's audit that wait to be posted; past it they are only counted. */
  auditQueueMax: 500,
  /** Members in one open class; past it `too-many-entries`. At 300 bytes in memory each under 4 MB. */
  codeSubmissionsMax: 12_000,
  /** Registered students of one guild; past it `too-many-students`. Two small texts each: under 10 MB. */
  attendanceStudentsMax: 25_000,
  /** Asks one client holds open; past it `mailbox-full` without sending. */
  openAsksMax: 10_000,
} as const

assert(limits.leaseRenewIntervalMs * 3 <= limits.leaseTtlMs, 'a lease must survive two lost renewals')
assert(limits.leaseMarginMs * 10 <= limits.leaseTtlMs, 'the margin must not eat the lease')
assert(limits.handoffSnapshotMs * 2 <= limits.handoffAnswerMs, 'a handoff must be answered in spite of its snapshots')
assert(limits.handoffAnswerMs < limits.handoffTakeBackMs, 'the new owner gives up before the old takes back')
assert(limits.commitBatchEventsMax <= limits.laneUndurableEventsMax, 'a batch must fit its lane')
assert(limits.waitingRunMax < limits.commitBatchEventsMax, 'a run of waiting records fits a commit')
assert(limits.erasedAtOnceMax < limits.commitBatchEventsMax, 'an erasure fits a commit')
assert(limits.restAfterMs < limits.idleReleaseMs, 'a guild rests before it is released')
