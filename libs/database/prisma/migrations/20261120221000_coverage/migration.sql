-- What is known of stretches of the source's time: that they were read whole, in part, not yet, or can never be. A row
-- speaks for one device, for every device of a space, or for every device of its connection; for one signal or for all.
-- Rows of the same scope never overlap; one of a narrower scope is an exception to those of a wider one.
CREATE TABLE "coverage_span" (
    "id" BIGINT GENERATED ALWAYS AS IDENTITY,
    "workspace_id" TEXT NOT NULL,
    "connection_id" TEXT NOT NULL,
    "device_id" TEXT,
    "space_id" TEXT,
    "signal" TEXT,
    -- Half-open.
    "from_ts" TIMESTAMPTZ(3) NOT NULL,
    "to_ts" TIMESTAMPTZ(3) NOT NULL,
    "state" TEXT NOT NULL,
    -- Name of the poll, `stream`, `stream/<part>` or `backfill`.
    "source" TEXT NOT NULL,
    -- The run that stated it last.
    "run" TEXT,
    "reason" TEXT,
    -- By the database's clock, rounded up. What it says is committed once the horizon of the account has passed it.
    "stated_at" TIMESTAMPTZ(3) NOT NULL,
    -- A row grows at its end: until here it was committed when it last grew …
    "settled_to" TIMESTAMPTZ(3) NOT NULL,
    -- … and this much of it was stated then; so a row that grows faster than the horizon moves settles all the same.
    "waiting_to" TIMESTAMPTZ(3),
    "waiting_at" TIMESTAMPTZ(3),

    CONSTRAINT "coverage_span_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "coverage_span_stretch" CHECK ("from_ts" < "to_ts" AND "settled_to" BETWEEN "from_ts" AND "to_ts"),
    CONSTRAINT "coverage_span_state" CHECK ("state" IN ('complete', 'partial', 'missing', 'unrecoverable')),
    CONSTRAINT "coverage_span_connection_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection" ("id") ON DELETE CASCADE
) WITH (fillfactor = 70);
CREATE INDEX "coverage_span_connection_idx" ON "coverage_span" ("connection_id", "to_ts");
CREATE INDEX "coverage_span_device_idx" ON "coverage_span" ("device_id", "to_ts") WHERE "device_id" IS NOT NULL;
CREATE INDEX "coverage_span_open_idx" ON "coverage_span" ("connection_id", "state", "from_ts") WHERE "state" IN ('missing', 'unrecoverable');

-- Between which times of the source the points of a minute lie: where it does not balance, coverage of that stretch is
-- in part only.
ALTER TABLE "conservation_minute"
    ADD COLUMN "source_from" TIMESTAMPTZ(3),
    ADD COLUMN "source_to" TIMESTAMPTZ(3);
CREATE INDEX "conservation_minute_doubt_idx" ON "conservation_minute" ("connection_id", "minute")
    WHERE NOT "checked" OR "parked_points" > 0 OR "discarded" > 0;

ALTER TABLE "coverage_span" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "workspace" ON "coverage_span" TO "tributary_api"
    USING ("workspace_id" = current_setting('tributary.workspace', true));
GRANT SELECT ON "coverage_span" TO "tributary_api";
