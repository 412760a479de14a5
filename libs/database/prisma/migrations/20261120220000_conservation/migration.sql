-- Two books about the same points, kept by two hands: the adapter writes what a connection brought it and what it handed
-- to the bus, the intake what arrived and what became of it. They meet in one row for each minute of a run, so that
-- looking at the balance joins nothing; their columns are disjoint. Numbers are those a run gives its points, beginning
-- at 0 in each minute.
CREATE TABLE "conservation_minute" (
    "workspace_id" TEXT NOT NULL,
    "connection_id" TEXT NOT NULL,
    -- Empty for points that carry no number.
    "run" TEXT NOT NULL,
    -- In which the adapter received the points, by its clock.
    "minute" TIMESTAMPTZ(0) NOT NULL,

    -- The adapter's book. All of it only grows.
    "epoch" BIGINT,
    "received" BIGINT NOT NULL DEFAULT 0,
    "unchanged" BIGINT NOT NULL DEFAULT 0,
    "set_aside" JSONB NOT NULL DEFAULT '{}',
    "set_aside_points" BIGINT NOT NULL DEFAULT 0,
    "unacknowledged" BIGINT NOT NULL DEFAULT 0,
    "numbered" BIGINT NOT NULL DEFAULT 0,
    "confirmed" INT8MULTIRANGE NOT NULL DEFAULT '{}',
    "confirmed_at" TIMESTAMPTZ,
    -- Reported when the minute was long past, by the adapter's clock: nothing waits to be numbered any more.
    "past" BOOLEAN NOT NULL DEFAULT false,
    "ended" BOOLEAN NOT NULL DEFAULT false,
    "sent_at" TIMESTAMPTZ,

    -- The intake's book.
    "covered" INT8MULTIRANGE NOT NULL DEFAULT '{}',
    "parked" INT8MULTIRANGE NOT NULL DEFAULT '{}',
    -- All numbers below this were confirmed when a message that has arrived was published.
    "confirmed_below" BIGINT NOT NULL DEFAULT 0,
    "confirmed_below_at" TIMESTAMPTZ,
    "stored" BIGINT NOT NULL DEFAULT 0,
    "duplicate" BIGINT NOT NULL DEFAULT 0,
    "corrected" BIGINT NOT NULL DEFAULT 0,
    "superseded" BIGINT NOT NULL DEFAULT 0,
    "expired" BIGINT NOT NULL DEFAULT 0,
    "unknown_connection" BIGINT NOT NULL DEFAULT 0,
    "parked_points" BIGINT NOT NULL DEFAULT 0,
    "discarded" BIGINT NOT NULL DEFAULT 0,
    -- Arrivals of numbers that had arrived before; part of no sum.
    "redelivered" BIGINT NOT NULL DEFAULT 0,

    -- Found balanced, and not written since; "released" is what of it the source had to give again, because its run
    -- ended before the bus had confirmed it.
    "checked" BOOLEAN NOT NULL DEFAULT false,
    "released" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "conservation_minute_pkey" PRIMARY KEY ("workspace_id", "minute", "connection_id", "run")
) WITH (fillfactor = 50);
CREATE INDEX "conservation_minute_connection_idx" ON "conservation_minute" ("connection_id", "minute");
CREATE INDEX "conservation_minute_open_idx" ON "conservation_minute" ("minute") WHERE NOT "checked";

-- Until when everything that was handed to the bus has been dealt with, by the database's clock. One row.
CREATE TABLE "conservation_horizon" (
    "only" BOOLEAN NOT NULL DEFAULT true CHECK ("only"),
    "settled_before" TIMESTAMPTZ NOT NULL DEFAULT '-infinity',
    -- When the queues were last seen empty, until every replica has said that it holds nothing older.
    "sounded_at" TIMESTAMPTZ,

    CONSTRAINT "conservation_horizon_pkey" PRIMARY KEY ("only")
);
INSERT INTO "conservation_horizon" DEFAULT VALUES;

-- Replicas of the intake: what they hold, and when they last gave something back to the queue.
CREATE TABLE "intake_replica" (
    "replica" TEXT NOT NULL,
    "held_since" TIMESTAMPTZ NOT NULL,
    "returned_at" TIMESTAMPTZ NOT NULL DEFAULT '-infinity',
    "alive_until" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "intake_replica_pkey" PRIMARY KEY ("replica")
);

-- Which points of the account a parked message stands for.
ALTER TABLE "parked_message"
    ADD COLUMN "connection_id" TEXT,
    ADD COLUMN "run" TEXT,
    ADD COLUMN "minute" TIMESTAMPTZ(0),
    ADD COLUMN "numbers" INT8MULTIRANGE;

CREATE FUNCTION "numbers_in"(numbers INT8MULTIRANGE) RETURNS BIGINT
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN isempty(numbers) THEN 0 ELSE (SELECT sum(upper(r) - lower(r))::bigint FROM unnest(numbers) AS r) END;

-- The api reads the account of the workspace it serves, and drops from it what somebody discards.
ALTER TABLE "conservation_minute" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "workspace" ON "conservation_minute" TO "tributary_api"
    USING ("workspace_id" = current_setting('tributary.workspace', true));
GRANT SELECT, UPDATE ON "conservation_minute" TO "tributary_api";
-- It says nothing of any workspace.
ALTER TABLE "conservation_horizon" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "everybody" ON "conservation_horizon" FOR SELECT TO "tributary_api" USING (true);
GRANT SELECT ON "conservation_horizon" TO "tributary_api";
