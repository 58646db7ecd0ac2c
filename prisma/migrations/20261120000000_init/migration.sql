--! compatible
-- The tables of the first release.

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "slot" (
    "id" INTEGER NOT NULL,
    "fence" BIGINT NOT NULL DEFAULT 0,
    "owner" TEXT,
    "generation" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "slot_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "actor" (
    "guild_id" BIGINT NOT NULL,
    "slot" INTEGER NOT NULL,
    "seq" BIGINT NOT NULL,
    "head" BYTEA NOT NULL,

    CONSTRAINT "actor_pkey" PRIMARY KEY ("guild_id")
);

-- CreateTable
CREATE TABLE "journal" (
    "guild_id" BIGINT NOT NULL,
    "seq" BIGINT NOT NULL,
    "fence" BIGINT NOT NULL,
    "payload" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "journal_pkey" PRIMARY KEY ("guild_id","seq")
);

-- CreateTable
CREATE TABLE "op_result" (
    "guild_id" BIGINT NOT NULL,
    "op_id" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "result" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "op_result_pkey" PRIMARY KEY ("guild_id","op_id")
);

-- CreateTable
CREATE TABLE "cursor" (
    "slot" INTEGER NOT NULL,
    "source" TEXT NOT NULL,
    "position" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "cursor_pkey" PRIMARY KEY ("slot","source")
);

-- CreateTable
CREATE TABLE "alarm" (
    "guild_id" BIGINT NOT NULL,
    "purpose" TEXT NOT NULL,
    "slot" INTEGER NOT NULL,
    "due_at" BIGINT NOT NULL,
    "set_seq" BIGINT NOT NULL,

    CONSTRAINT "alarm_pkey" PRIMARY KEY ("guild_id","purpose")
);

-- CreateTable
CREATE TABLE "outbox" (
    "guild_id" BIGINT NOT NULL,
    "seq" BIGINT NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "slot" INTEGER NOT NULL,
    "target" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" BIGINT NOT NULL DEFAULT 0,
    "last_error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "settled_at" TIMESTAMPTZ(3),

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("guild_id","seq","ordinal")
);

-- CreateTable
CREATE TABLE "guild_key" (
    "key_id" UUID NOT NULL,
    "guild_id" BIGINT NOT NULL,
    "public_key" BYTEA NOT NULL,
    "first_sequence" BIGINT NOT NULL,
    "last_sequence" BIGINT,
    "mode" TEXT NOT NULL,
    "sealed_private_key" BYTEA NOT NULL,
    "key_wrap" TEXT NOT NULL,
    "statement" BYTEA NOT NULL,
    "statement_signature" BYTEA NOT NULL,
    "cluster_key_id" TEXT NOT NULL,
    "predecessor_signature" BYTEA,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "guild_key_pkey" PRIMARY KEY ("key_id")
);

-- CreateTable
CREATE TABLE "receipt" (
    "guild_id" BIGINT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "record_id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "key_id" UUID NOT NULL,
    "signed" BYTEA,
    "signature" BYTEA NOT NULL,
    "payload_hash" BYTEA NOT NULL,
    "prev_hash" BYTEA NOT NULL,
    "issued_at" BIGINT NOT NULL,
    "subject" TEXT,

    CONSTRAINT "receipt_pkey" PRIMARY KEY ("guild_id","sequence")
);

-- CreateTable
CREATE TABLE "chain_head" (
    "guild_id" BIGINT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "hash" BYTEA NOT NULL,
    "key_id" UUID NOT NULL,
    "signature" BYTEA NOT NULL,

    CONSTRAINT "chain_head_pkey" PRIMARY KEY ("guild_id")
);

-- CreateTable
CREATE TABLE "waiting_record" (
    "guild_id" BIGINT NOT NULL,
    "seq" BIGINT NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "record_id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "payload" TEXT NOT NULL,

    CONSTRAINT "waiting_record_pkey" PRIMARY KEY ("guild_id","seq","ordinal")
);

-- CreateTable
CREATE TABLE "snapshot" (
    "guild_id" BIGINT NOT NULL,
    "seq" BIGINT NOT NULL,
    "fence" BIGINT NOT NULL,
    "state" TEXT NOT NULL,
    "signed" BYTEA NOT NULL,
    "signature" BYTEA NOT NULL,
    "cluster_key_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "snapshot_pkey" PRIMARY KEY ("guild_id","seq")
);

-- CreateTable
CREATE TABLE "watched_shard" (
    "shard_count" INTEGER NOT NULL,
    "shard_id" INTEGER NOT NULL,
    "watched_until" BIGINT NOT NULL,

    CONSTRAINT "watched_shard_pkey" PRIMARY KEY ("shard_count","shard_id")
);

-- CreateTable
CREATE TABLE "topology" (
    "generation" INTEGER NOT NULL,
    "shard_count" INTEGER NOT NULL,
    "process_count" INTEGER NOT NULL,
    "phase" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "topology_pkey" PRIMARY KEY ("generation")
);

-- CreateIndex
CREATE INDEX "actor_slot_idx" ON "actor"("slot");

-- CreateIndex
CREATE INDEX "op_result_at_idx" ON "op_result"("at");

-- CreateIndex
CREATE INDEX "alarm_slot_due_at_idx" ON "alarm"("slot", "due_at");

-- CreateIndex
CREATE INDEX "outbox_slot_state_idx" ON "outbox"("slot", "state");

-- CreateIndex
CREATE INDEX "guild_key_guild_id_idx" ON "guild_key"("guild_id");

-- CreateIndex
CREATE INDEX "receipt_record_id_idx" ON "receipt"("record_id");

-- CreateIndex
CREATE UNIQUE INDEX "waiting_record_record_id_key" ON "waiting_record"("record_id");

-- Written by hand from here on: what the schema language cannot say (prisma/catalog-extras.ts lists it).

-- The slots exist from the beginning and are only ever updated: takeover and commit lock them by row.
INSERT INTO "slot" ("id") SELECT generate_series(0, 383);

-- Bounds the code asserts too; a row outside them is refused even if the code is wrong.
ALTER TABLE "slot" ADD CONSTRAINT "slot_id_in_range" CHECK ("id" BETWEEN 0 AND 383);
ALTER TABLE "slot" ADD CONSTRAINT "slot_fence_natural" CHECK ("fence" >= 0);
ALTER TABLE "actor" ADD CONSTRAINT "actor_slot_in_range" CHECK ("slot" BETWEEN 0 AND 383);
ALTER TABLE "actor" ADD CONSTRAINT "actor_seq_natural" CHECK ("seq" >= 0);
ALTER TABLE "journal" ADD CONSTRAINT "journal_seq_positive" CHECK ("seq" >= 1);

-- Rows that are updated in place again and again: room on each page keeps the new version beside the old one and
-- the indexes untouched (heap-only tuples).
ALTER TABLE "slot" SET (fillfactor = 50);
ALTER TABLE "actor" SET (fillfactor = 70);
ALTER TABLE "cursor" SET (fillfactor = 50);
ALTER TABLE "chain_head" SET (fillfactor = 70);
ALTER TABLE "watched_shard" SET (fillfactor = 50);
