--! compatible
-- CreateTable
CREATE TABLE "receipt_version_1" (
    "guild_id" BIGINT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "signed" BYTEA NOT NULL,
    "signature" BYTEA NOT NULL,

    CONSTRAINT "receipt_version_1_pkey" PRIMARY KEY ("guild_id","sequence")
);
