--! compatible
-- CreateTable
CREATE TABLE "role_panel" (
    "guild_id" BIGINT NOT NULL,
    "panel_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "style" TEXT NOT NULL,
    "mode" TEXT NOT NULL,
    "least" INTEGER NOT NULL,
    "most" INTEGER NOT NULL,
    "color" INTEGER NOT NULL,
    "channel_id" BIGINT,
    "message_id" BIGINT,

    CONSTRAINT "role_panel_pkey" PRIMARY KEY ("guild_id","panel_id")
);

-- CreateTable
CREATE TABLE "role_panel_role" (
    "guild_id" BIGINT NOT NULL,
    "panel_id" TEXT NOT NULL,
    "role_id" BIGINT NOT NULL,
    "position" INTEGER NOT NULL,
    "label" TEXT NOT NULL,
    "emoji" TEXT,
    "description" TEXT,
    "temporary_ms" BIGINT,
    "seats" INTEGER,
    "required" TEXT NOT NULL,
    "forbidden" TEXT NOT NULL,
    "added_by" BIGINT NOT NULL,

    CONSTRAINT "role_panel_role_pkey" PRIMARY KEY ("guild_id","panel_id","role_id")
);
