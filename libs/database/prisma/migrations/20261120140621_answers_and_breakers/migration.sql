-- AlterTable
ALTER TABLE "connection_lease" ADD COLUMN     "said_event" JSONB,
ADD COLUMN     "said_status" TEXT;

-- CreateTable
CREATE TABLE "connection_status_change" (
    "connection_id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "rev" BIGINT NOT NULL,
    "status" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT,
    "error" JSONB,

    CONSTRAINT "connection_status_change_pkey" PRIMARY KEY ("connection_id","rev")
);

-- CreateTable
CREATE TABLE "connection_touch" (
    "connection_id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "connection_touch_pkey" PRIMARY KEY ("connection_id","scope")
);

-- CreateTable
CREATE TABLE "breaker_change" (
    "id" BIGSERIAL NOT NULL,
    "connection_id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "service" TEXT NOT NULL,
    "replica" TEXT NOT NULL,
    "class" TEXT NOT NULL,
    "from_state" TEXT NOT NULL,
    "to_state" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,
    "times" INTEGER NOT NULL DEFAULT 1,
    "code" TEXT,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "retry_at" TIMESTAMPTZ(3),
    "rev" BIGINT NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "breaker_change_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "connection_status_change_at_idx" ON "connection_status_change"("at");

-- CreateIndex
CREATE INDEX "connection_touch_at_idx" ON "connection_touch"("at");

-- CreateIndex
CREATE INDEX "breaker_change_connection_id_last_at_idx" ON "breaker_change"("connection_id", "last_at" DESC);

-- CreateIndex
CREATE INDEX "breaker_change_last_at_idx" ON "breaker_change"("last_at");

-- AddForeignKey
ALTER TABLE "connection_status_change" ADD CONSTRAINT "connection_status_change_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection_touch" ADD CONSTRAINT "connection_touch_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "breaker_change" ADD CONSTRAINT "breaker_change_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Few are not closed at any time.
CREATE INDEX "breaker_change_not_closed_idx" ON "breaker_change"("seen_at") WHERE "to_state" <> 'closed';

-- What is known of those that there are.
INSERT INTO "connection_status_change" ("connection_id", "workspace_id", "rev", "status", "at", "reason", "error")
SELECT c."id", c."workspace_id", s."rev", s."status", s."since", s."reason", s."error"
FROM "connection_status" s JOIN "connection" c ON c."id" = s."connection_id";
UPDATE "connection_lease" l SET "said_status" = s."status" FROM "connection_status" s WHERE s."connection_id" = l."connection_id";
