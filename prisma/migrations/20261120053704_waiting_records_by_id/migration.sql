--! compatible
-- Two amendments of one record may wait, and both carry its id. Running code never relied on the index being unique.

-- DropIndex
DROP INDEX "waiting_record_record_id_key";

-- CreateIndex
CREATE INDEX "waiting_record_record_id_idx" ON "waiting_record"("record_id");
