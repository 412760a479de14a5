-- When transactions that wrote points were committed: a row of `point` knows by its xmin which of them wrote it. One row
-- for a batch, whatever it holds; rows of points say nothing more than before.
CREATE TABLE "telemetry_commit" (
    -- The number of the transaction as rows keep it: the lower 32 bits, which come again after four billion.
    "xid" BIGINT NOT NULL,
    -- By the database's clock, at the end of the transaction.
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    -- By the intake's clock.
    "sealed_at" TIMESTAMPTZ(3),

    CONSTRAINT "telemetry_commit_pkey" PRIMARY KEY ("xid", "at")
);
CREATE INDEX "telemetry_commit_at_idx" ON "telemetry_commit" USING BRIN ("at");

-- Which deliveries and which parked messages an event is in.
CREATE INDEX "delivery_event_ids_idx" ON "delivery" USING GIN ("event_ids");
CREATE INDEX "parked_message_event_id_idx" ON "parked_message" ("event_id");

-- It says nothing of any workspace.
ALTER TABLE "telemetry_commit" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "everybody" ON "telemetry_commit" FOR SELECT TO "tributary_api" USING (true);
GRANT SELECT ON "telemetry_commit" TO "tributary_api";

-- The same as before, and in which transaction each row was written.
CREATE OR REPLACE VIEW "tributary_api"."point" AS
    SELECT p.*, p.xmin::text::bigint AS "written_in" FROM public."series" s JOIN public."point" p ON p."series_id" = s."id"
    WHERE s."workspace_id" = current_setting('tributary.workspace', true);
CREATE OR REPLACE VIEW "tributary_api"."point_revision" AS
    SELECT r.*, r.xmin::text::bigint AS "written_in" FROM public."series" s JOIN public."point_revision" r ON r."series_id" = s."id"
    WHERE s."workspace_id" = current_setting('tributary.workspace', true);
