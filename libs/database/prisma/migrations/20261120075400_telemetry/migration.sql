-- One row per (series, ts): the value with the greatest rev. Partitions, one for each UTC day, are made by the code:
-- ahead of time, and when older data arrives. Columns are ordered so that a row of a number takes 52 bytes.
CREATE TABLE "point" (
    "ts" TIMESTAMPTZ(6) NOT NULL,
    "rev" BIGINT NOT NULL,
    "number" DOUBLE PRECISION,
    "series_id" INTEGER NOT NULL,
    "boolean" BOOLEAN,
    "text" TEXT,
    "json" JSONB,

    CONSTRAINT "point_pkey" PRIMARY KEY ("series_id", "ts")
) PARTITION BY RANGE ("ts");

-- Identifies a value of any type within its (series, ts).
CREATE FUNCTION "point_value_key"(n DOUBLE PRECISION, b BOOLEAN, t TEXT, j JSONB) RETURNS UUID
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN md5(CASE
        WHEN n IS NOT NULL THEN 'n' || encode(float8send(n), 'hex')
        WHEN b IS NOT NULL THEN 'b' || b::int::text
        WHEN t IS NOT NULL THEN 't' || t
        ELSE 'j' || j::text
    END)::uuid;

-- Does fact 1 win over fact 2 of the same identity? By rev; should two facts ever share a rev, by an order of values
-- that means nothing but is the same everywhere, so that the outcome never depends on who came first.
CREATE FUNCTION "point_wins"(
    r1 BIGINT, n1 DOUBLE PRECISION, b1 BOOLEAN, t1 TEXT, j1 JSONB,
    r2 BIGINT, n2 DOUBLE PRECISION, b2 BOOLEAN, t2 TEXT, j2 JSONB
) RETURNS BOOLEAN
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN r1 > r2 OR (r1 = r2 AND
        (n1 IS NOT NULL, b1 IS NOT NULL, t1 IS NOT NULL, coalesce(n1, 0), coalesce(b1, false), coalesce(t1, '') COLLATE "C", coalesce(j1, 'null'))
      > (n2 IS NOT NULL, b2 IS NOT NULL, t2 IS NOT NULL, coalesce(n2, 0), coalesce(b2, false), coalesce(t2, '') COLLATE "C", coalesce(j2, 'null')));

-- Every value that was ever given for an identity and is not its value now, with the greatest rev at which it was given.
-- A function of the set of facts alone: the order in which they came leaves no trace.
CREATE TABLE "point_revision" (
    "ts" TIMESTAMPTZ(6) NOT NULL,
    "rev" BIGINT NOT NULL,
    "number" DOUBLE PRECISION,
    "series_id" INTEGER NOT NULL,
    "boolean" BOOLEAN,
    "text" TEXT,
    "json" JSONB,
    "value_key" UUID NOT NULL,

    CONSTRAINT "point_revision_pkey" PRIMARY KEY ("series_id", "ts", "value_key")
);
CREATE INDEX "point_revision_ts_idx" ON "point_revision" ("ts");

-- Rows that change all the time: room for updates within the page.
ALTER TABLE "series_latest" SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
ALTER TABLE "outbox" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
ALTER TABLE "connection_lease" SET (fillfactor = 50);
ALTER TABLE "checkpoint" SET (fillfactor = 70);

ALTER TABLE "device" ADD CONSTRAINT "device_state_check" CHECK ("state" IN ('known', 'removed', 'unconfirmed'));
ALTER TABLE "command" ADD CONSTRAINT "command_state_check" CHECK ("state" IN ('accepted', 'dispatched', 'acknowledged',
    'queued', 'delivered', 'confirmed', 'rejected', 'failed', 'expired', 'cancelled', 'unknown'));
ALTER TABLE "parked_message" ADD CONSTRAINT "parked_message_state_check" CHECK ("state" IN ('parked', 'replayed', 'discarded'));

-- Commands that may still change: what the deadline, the follower and the finder of dead claims look at.
CREATE INDEX "command_open_idx" ON "command" ("state", "expires_at")
    WHERE "state" IN ('accepted', 'dispatched', 'acknowledged', 'queued', 'delivered', 'unknown');

INSERT INTO "workspace" ("id", "name") VALUES ('default', 'Default') ON CONFLICT DO NOTHING;

-- Every change of a connection, by whomever, wakes the adapters.
CREATE FUNCTION "notify_connection"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('tributary_connections', coalesce(NEW.id, OLD.id));
    RETURN NULL;
END
$$;
CREATE TRIGGER "connection_changed" AFTER INSERT OR UPDATE OR DELETE ON "connection"
    FOR EACH ROW EXECUTE FUNCTION "notify_connection"();
