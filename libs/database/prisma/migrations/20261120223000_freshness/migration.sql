-- How often something comes of a series, which devices are silent, and which link is broken. See
-- docs/adr/0024-silence-and-its-first-broken-link.md. The path on which points are stored touches none of these.

-- How often a device reports, where its platform says so.
ALTER TABLE "device" ADD COLUMN "reports_every_ms" INTEGER;

CREATE TABLE "series_cadence" (
    "series_id" INTEGER NOT NULL,
    "workspace_id" TEXT NOT NULL,
    -- Between two points, or two arrivals: the usual one, and one that only a few exceed.
    "every_ms" INTEGER NOT NULL,
    "slow_ms" INTEGER NOT NULL,
    "stale_after_ms" INTEGER NOT NULL,
    "samples" INTEGER NOT NULL,
    "source" TEXT NOT NULL,
    "learned_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),

    CONSTRAINT "series_cadence_pkey" PRIMARY KEY ("series_id")
);
ALTER TABLE "series_cadence" ADD CONSTRAINT "series_cadence_series_id_fkey" FOREIGN KEY ("series_id") REFERENCES "series"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A device that has a series, and when the watch looks at it next: when it would be silent if nothing came until then.
CREATE TABLE "device_watch" (
    "device_id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "look_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    "every_ms" INTEGER,
    "stale_after_ms" INTEGER,
    "source" TEXT,
    "silent" BOOLEAN NOT NULL DEFAULT false,
    -- How many silences there were: no two have the same number, in whatever process.
    "silences" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "device_watch_pkey" PRIMARY KEY ("device_id")
);
CREATE INDEX "device_watch_look_at_idx" ON "device_watch" ("look_at");
ALTER TABLE "device_watch" ADD CONSTRAINT "device_watch_device_id_fkey" FOREIGN KEY ("device_id") REFERENCES "device"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "device_silence" (
    "id" BIGSERIAL NOT NULL,
    "device_id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "connection_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "noticed_at" TIMESTAMPTZ(3) NOT NULL,
    "until" TIMESTAMPTZ(3),
    "every_ms" INTEGER NOT NULL,
    "stale_after_ms" INTEGER NOT NULL,
    "link" TEXT NOT NULL,
    "cause" JSONB NOT NULL,

    CONSTRAINT "device_silence_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "device_silence_device_id_number_key" ON "device_silence" ("device_id", "number");
CREATE INDEX "device_silence_open_idx" ON "device_silence" ("workspace_id", "link") WHERE "until" IS NULL;
CREATE INDEX "device_silence_workspace_id_id_idx" ON "device_silence" ("workspace_id", "id");
CREATE INDEX "device_silence_until_idx" ON "device_silence" ("until");
ALTER TABLE "device_silence" ADD CONSTRAINT "device_silence_device_id_fkey" FOREIGN KEY ("device_id") REFERENCES "device"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What the adapter that looks after a connection has seen of the links before us.
CREATE TABLE "connection_evidence" (
    "connection_id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "epoch" BIGINT NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,
    "evidence" JSONB NOT NULL,

    CONSTRAINT "connection_evidence_pkey" PRIMARY KEY ("connection_id")
);
ALTER TABLE "connection_evidence" ADD CONSTRAINT "connection_evidence_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Who watches, and since when without a break: nobody is blamed for a time in which nobody looked. One row.
CREATE TABLE "freshness_watch" (
    "only" BOOLEAN NOT NULL DEFAULT true CHECK ("only"),
    "replica" TEXT,
    "watched_until" TIMESTAMPTZ(3) NOT NULL DEFAULT '-infinity',
    "began_at" TIMESTAMPTZ(3) NOT NULL DEFAULT '-infinity',
    "round_at" TIMESTAMPTZ(3),

    CONSTRAINT "freshness_watch_pkey" PRIMARY KEY ("only")
);
INSERT INTO "freshness_watch" DEFAULT VALUES;

-- A series is made once; the path of points needs to know nothing of this.
CREATE FUNCTION "watch_device"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO device_watch (device_id, workspace_id) VALUES (NEW.device_id, NEW.workspace_id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER "watch_device" AFTER INSERT ON "series" FOR EACH ROW EXECUTE FUNCTION "watch_device"();
INSERT INTO "device_watch" ("device_id", "workspace_id")
    SELECT DISTINCT d."id", d."workspace_id" FROM "series" s JOIN "device" d ON d."id" = s."device_id";

-- The api reads all of it, and writes none of it.
DO $$
DECLARE
    fenced TEXT;
BEGIN
    FOREACH fenced IN ARRAY ARRAY['series_cadence', 'device_watch', 'device_silence', 'connection_evidence']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', fenced);
        EXECUTE format('CREATE POLICY "workspace" ON %I TO "tributary_api" USING ("workspace_id" = current_setting(''tributary.workspace'', true))', fenced);
    END LOOP;
END
$$;
GRANT SELECT ON "series_cadence", "device_watch", "device_silence", "connection_evidence" TO "tributary_api";
-- It says nothing of any workspace.
ALTER TABLE "freshness_watch" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "everybody" ON "freshness_watch" FOR SELECT TO "tributary_api" USING (true);
GRANT SELECT ON "freshness_watch" TO "tributary_api";
