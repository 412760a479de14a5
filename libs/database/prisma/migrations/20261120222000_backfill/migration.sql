-- CreateTable
CREATE TABLE "backfill" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "connection_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "from_ts" TIMESTAMPTZ(3) NOT NULL,
    "to_ts" TIMESTAMPTZ(3) NOT NULL,
    "device_ids" TEXT[],
    "filter" TEXT,
    "signals" TEXT[],
    "only_gaps" BOOLEAN NOT NULL DEFAULT true,
    "asked_by" TEXT,
    "estimated_calls" INTEGER NOT NULL,
    "estimated_ms" BIGINT NOT NULL,
    "reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "told_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "backfill_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "backfill_part" (
    "backfill_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "connection_id" TEXT NOT NULL,
    "native_id" TEXT,
    "device_id" TEXT,
    "stream_part" TEXT,
    "signals" TEXT[],
    "from_ts" TIMESTAMPTZ(3) NOT NULL,
    "to_ts" TIMESTAMPTZ(3) NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "urgency" INTEGER NOT NULL,
    "estimated_calls" INTEGER NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "refusals" INTEGER NOT NULL DEFAULT 0,
    "not_before" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "epoch" BIGINT,
    "resume" JSONB,
    "points" BIGINT NOT NULL DEFAULT 0,
    "calls" BIGINT NOT NULL DEFAULT 0,
    "reason" TEXT,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "backfill_part_pkey" PRIMARY KEY ("backfill_id", "number")
);

-- CreateIndex
CREATE INDEX "backfill_workspace_id_created_at_idx" ON "backfill"("workspace_id", "created_at");

-- CreateIndex
CREATE INDEX "backfill_connection_id_idx" ON "backfill"("connection_id");

-- AddForeignKey
ALTER TABLE "backfill" ADD CONSTRAINT "backfill_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backfill_part" ADD CONSTRAINT "backfill_part_backfill_id_fkey" FOREIGN KEY ("backfill_id") REFERENCES "backfill"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What is open of a connection, the most urgent first: the only list that is looked at again and again.
CREATE INDEX "backfill_part_open_idx" ON "backfill_part" ("connection_id", "urgency", "not_before")
    WHERE "state" IN ('waiting', 'running');
ALTER TABLE "backfill" ADD CONSTRAINT "backfill_kind_check" CHECK ("kind" IN ('asked', 'repair'));
ALTER TABLE "backfill" ADD CONSTRAINT "backfill_state_check"
    CHECK ("state" IN ('planned', 'running', 'completed', 'cancelled', 'failed'));
ALTER TABLE "backfill_part" ADD CONSTRAINT "backfill_part_state_check"
    CHECK ("state" IN ('waiting', 'running', 'done', 'unrecoverable', 'cancelled'));
ALTER TABLE "backfill_part" ADD CONSTRAINT "backfill_part_range_check" CHECK ("from_ts" < "to_ts");
-- A part is of one device, or of one part of a stream.
ALTER TABLE "backfill_part" ADD CONSTRAINT "backfill_part_subject_check"
    CHECK (("device_id" IS NULL) = ("native_id" IS NULL) AND ("device_id" IS NULL) <> ("stream_part" IS NULL));
ALTER TABLE "backfill_part" SET (fillfactor = 80);

-- The api plans, reads and cancels those of the workspace it serves; adapters read what they plan.
ALTER TABLE "backfill" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "workspace" ON "backfill" TO "tributary_api"
    USING ("workspace_id" = current_setting('tributary.workspace', true));
ALTER TABLE "backfill_part" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "workspace" ON "backfill_part" TO "tributary_api"
    USING ("workspace_id" = current_setting('tributary.workspace', true));
GRANT SELECT, INSERT, UPDATE ON "backfill", "backfill_part" TO "tributary_api";
