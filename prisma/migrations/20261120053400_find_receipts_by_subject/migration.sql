--! compatible
-- CreateIndex
CREATE INDEX "receipt_guild_id_type_subject_idx" ON "receipt"("guild_id", "type", "subject");
