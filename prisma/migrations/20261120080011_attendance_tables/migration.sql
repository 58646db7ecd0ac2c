--! compatible
-- CreateTable
CREATE TABLE "guild_secret" (
    "guild_id" BIGINT NOT NULL,
    "secret_id" UUID NOT NULL,
    "sealed" TEXT NOT NULL,

    CONSTRAINT "guild_secret_pkey" PRIMARY KEY ("guild_id","secret_id")
);

-- CreateTable
CREATE TABLE "student" (
    "guild_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "student_id" TEXT NOT NULL,
    "student_name" TEXT,
    "username" TEXT NOT NULL,
    "registered_at" BIGINT NOT NULL,

    CONSTRAINT "student_pkey" PRIMARY KEY ("guild_id","user_id")
);

-- CreateTable
CREATE TABLE "attendance_session" (
    "guild_id" BIGINT NOT NULL,
    "session_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "opened_at" BIGINT NOT NULL,
    "closed_at" BIGINT,
    "date_id" TEXT NOT NULL,
    "change" BIGINT NOT NULL,
    "interval_ms" BIGINT NOT NULL,
    "rotates_from" BIGINT NOT NULL,

    CONSTRAINT "attendance_session_pkey" PRIMARY KEY ("guild_id","session_id")
);

-- CreateTable
CREATE TABLE "attendance" (
    "guild_id" BIGINT NOT NULL,
    "session_id" TEXT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "username" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "local_time" TEXT NOT NULL,
    "date_id" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "record_id" UUID NOT NULL,
    "change" BIGINT NOT NULL,

    CONSTRAINT "attendance_pkey" PRIMARY KEY ("guild_id","session_id","user_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "student_guild_id_student_id_key" ON "student"("guild_id", "student_id");

-- CreateIndex
CREATE INDEX "attendance_session_guild_id_change_idx" ON "attendance_session"("guild_id", "change");

-- CreateIndex
CREATE INDEX "attendance_session_guild_id_opened_at_idx" ON "attendance_session"("guild_id", "opened_at");

-- CreateIndex
CREATE INDEX "attendance_session_guild_id_date_id_idx" ON "attendance_session"("guild_id", "date_id");

-- CreateIndex
CREATE INDEX "attendance_session_closed_at_idx" ON "attendance_session"("closed_at");

-- CreateIndex
CREATE INDEX "attendance_guild_id_session_id_at_user_id_idx" ON "attendance"("guild_id", "session_id", "at", "user_id");

-- CreateIndex
CREATE INDEX "attendance_guild_id_user_id_date_id_idx" ON "attendance"("guild_id", "user_id", "date_id");

-- CreateIndex
CREATE INDEX "attendance_guild_id_change_idx" ON "attendance"("guild_id", "change");

-- Entries that stood in the actors' states until now are in their receipts; what became of them is in the amendments.
INSERT INTO "attendance" (guild_id, session_id, user_id, username, at, local_time, date_id, status, record_id, change)
SELECT DISTINCT ON (r.guild_id, p.entry ->> 'session_id', p.entry ->> 'user_id')
  r.guild_id, p.entry ->> 'session_id', (p.entry ->> 'user_id')::bigint, '',
  floor(extract(epoch FROM (p.entry ->> 'submitted_at')::timestamptz) * 1000)::bigint,
  to_char((p.entry ->> 'submitted_at')::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'),
  p.entry ->> 'date_id',
  coalesce((
    SELECT convert_from(a.signed, 'UTF8')::json -> 'payload' ->> 'to' FROM "receipt" a
    WHERE a.record_id = r.record_id AND a.guild_id = r.guild_id AND a.type = 'amendment' AND a.signed IS NOT NULL
    ORDER BY a.sequence DESC LIMIT 1), p.entry ->> 'status'),
  r.record_id, 0
FROM "receipt" r
CROSS JOIN LATERAL (SELECT convert_from(r.signed, 'UTF8')::json -> 'payload' AS entry) p
WHERE r.type = 'attendance' AND r.signed IS NOT NULL
ORDER BY r.guild_id, p.entry ->> 'session_id', p.entry ->> 'user_id', r.sequence DESC;

INSERT INTO "attendance_session" (guild_id, session_id, kind, opened_at, closed_at, date_id, change, interval_ms, rotates_from)
SELECT guild_id, session_id, 'manual', min(at), min(at), min(date_id), 0, 0, 0 FROM "attendance" GROUP BY guild_id, session_id;
