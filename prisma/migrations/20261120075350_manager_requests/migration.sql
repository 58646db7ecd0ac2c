--! compatible
-- AlterTable
ALTER TABLE "topology" ADD COLUMN     "configured" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "purpose" TEXT NOT NULL DEFAULT 'start';

-- CreateTable
CREATE TABLE "manager_request" (
    "id" UUID NOT NULL,
    "wish" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "open" INTEGER,
    "abort_asked" BOOLEAN NOT NULL DEFAULT false,
    "manager" TEXT,
    "progress" TEXT,
    "sentence" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "manager_request_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "manager_request_open_key" ON "manager_request"("open");

-- CreateIndex
CREATE INDEX "manager_request_created_at_idx" ON "manager_request"("created_at");
