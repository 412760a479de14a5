-- The second fence between workspaces: what the api asks while it serves a caller it asks as a role that sees the rows of
-- one workspace. See docs/adr/0017-workspace-fence.md.

-- Roles belong to the cluster, and other databases of it may be migrated at this moment.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tributary_api') THEN
        CREATE ROLE "tributary_api" NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the role tributary_api is missing and % may not create it; let a superuser run: CREATE ROLE tributary_api NOLOGIN; GRANT tributary_api TO %;',
            quote_ident(current_user), quote_ident(current_user);
END
$$;

-- The api logs in as itself and takes the role on.
DO $$
DECLARE
    may_become BOOLEAN;
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tributary_api' AND (rolsuper OR rolbypassrls)) THEN
        RAISE EXCEPTION 'the role tributary_api would pass every fence; let a superuser run: ALTER ROLE tributary_api NOSUPERUSER NOBYPASSRLS;';
    END IF;
    IF current_setting('server_version_num')::INT >= 160000 THEN
        may_become := pg_has_role(current_user, 'tributary_api', 'SET');
    ELSE
        may_become := pg_has_role(current_user, 'tributary_api', 'MEMBER');
    END IF;
    IF NOT may_become THEN
        GRANT "tributary_api" TO CURRENT_USER;
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION '% may not become tributary_api; let a superuser run: GRANT tributary_api TO %;',
            quote_ident(current_user), quote_ident(current_user);
END
$$;

-- Whose a series is, kept beside it: a policy that looked it up at the device would do so for every row.
ALTER TABLE "series" ADD COLUMN "workspace_id" TEXT;
UPDATE "series" s SET "workspace_id" = d."workspace_id" FROM "device" d WHERE d."id" = s."device_id";
ALTER TABLE "series" ALTER COLUMN "workspace_id" SET NOT NULL;
CREATE INDEX "series_workspace_id_id_idx" ON "series"("workspace_id", "id");
-- Without it the planner takes the two for independent, and expects a device to have no series.
CREATE STATISTICS "series_workspace" (dependencies) ON "device_id", "workspace_id" FROM "series";

-- Nobody can say it wrongly. Without a device it is the foreign key that refuses the row.
CREATE FUNCTION "series_workspace"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    NEW.workspace_id := coalesce((SELECT d.workspace_id FROM device d WHERE d.id = NEW.device_id), '');
    RETURN NEW;
END
$$;
CREATE TRIGGER "series_workspace" BEFORE INSERT OR UPDATE OF "device_id", "workspace_id" ON "series"
    FOR EACH ROW EXECUTE FUNCTION "series_workspace"();

-- A row is seen, and may be written, where its workspace is the one that is served. Nothing is served: nothing is seen.
DO $$
DECLARE
    fenced TEXT;
BEGIN
    FOREACH fenced IN ARRAY ARRAY['api_key', 'connection', 'pending_login', 'space', 'device', 'series', 'command', 'file',
        'platform_event', 'idempotency_key', 'audit_log', 'connection_status_change', 'connection_touch', 'breaker_change']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', fenced);
        EXECUTE format('CREATE POLICY "workspace" ON %I TO "tributary_api" USING ("workspace_id" = current_setting(''tributary.workspace'', true))', fenced);
    END LOOP;
END
$$;
ALTER TABLE "workspace" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "workspace" ON "workspace" TO "tributary_api" USING ("id" = current_setting('tributary.workspace', true));
-- A message that does not say whose it is belongs to the workspace `default`.
ALTER TABLE "parked_message" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "workspace" ON "parked_message" TO "tributary_api"
    USING (coalesce("workspace_id", 'default') = current_setting('tributary.workspace', true));

-- Rows that belong to another row. Few are read at a time.
ALTER TABLE "connection_status" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "workspace" ON "connection_status" TO "tributary_api"
    USING (EXISTS (SELECT FROM "connection" c WHERE c."id" = "connection_id"));
ALTER TABLE "connection_lease" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "workspace" ON "connection_lease" TO "tributary_api"
    USING (EXISTS (SELECT FROM "connection" c WHERE c."id" = "connection_id"));
ALTER TABLE "checkpoint" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "workspace" ON "checkpoint" TO "tributary_api"
    USING (EXISTS (SELECT FROM "connection" c WHERE c."id" = "connection_id"));
ALTER TABLE "attribute" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "workspace" ON "attribute" TO "tributary_api"
    USING (EXISTS (SELECT FROM "device" d WHERE d."id" = "device_id"));
ALTER TABLE "command_transition" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "workspace" ON "command_transition" TO "tributary_api"
    USING (EXISTS (SELECT FROM "command" c WHERE c."id" = "command_id"));

-- What the relay publishes: the api adds to it and cannot look into it.
ALTER TABLE "outbox" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "add" ON "outbox" FOR INSERT TO "tributary_api"
    WITH CHECK (coalesce("message" -> 'routing' ->> 'workspace', current_setting('tributary.workspace', true))
        = nullif(current_setting('tributary.workspace', true), ''));

-- Points are many: a policy would be asked for each of them, a join is made once. The role finds these under the tables'
-- names, and has no right to the tables.
CREATE SCHEMA IF NOT EXISTS "tributary_api";
CREATE VIEW "tributary_api"."series_latest" AS
    SELECT l.* FROM public."series" s JOIN public."series_latest" l ON l."series_id" = s."id"
    WHERE s."workspace_id" = current_setting('tributary.workspace', true);
CREATE VIEW "tributary_api"."point" AS
    SELECT p.* FROM public."series" s JOIN public."point" p ON p."series_id" = s."id"
    WHERE s."workspace_id" = current_setting('tributary.workspace', true);
CREATE VIEW "tributary_api"."point_revision" AS
    SELECT r.* FROM public."series" s JOIN public."point_revision" r ON r."series_id" = s."id"
    WHERE s."workspace_id" = current_setting('tributary.workspace', true);

-- The newest values with what they are of, for the most frequent read of all: it names `series` once, behind the fence too.
CREATE VIEW "latest_point" AS
    SELECT s."id" AS "series_id", s."device_id", s."signal", s."unit", l."ts", l."number", l."boolean", l."text", l."json", l."observed_at"
    FROM "series" s JOIN "series_latest" l ON l."series_id" = s."id";
CREATE VIEW "tributary_api"."latest_point" AS
    SELECT s."id" AS "series_id", s."device_id", s."signal", s."unit", l."ts", l."number", l."boolean", l."text", l."json", l."observed_at"
    FROM public."series" s JOIN public."series_latest" l ON l."series_id" = s."id"
    WHERE s."workspace_id" = current_setting('tributary.workspace', true);

-- What the api does, and nothing else.
GRANT USAGE ON SCHEMA "public", "tributary_api" TO "tributary_api";
GRANT SELECT ON "platform", "connection_status", "connection_status_change", "checkpoint", "space", "device", "series", "attribute", "platform_event",
    "tributary_api"."latest_point", "tributary_api"."series_latest", "tributary_api"."point", "tributary_api"."point_revision" TO "tributary_api";
GRANT SELECT, INSERT ON "workspace", "command_transition", "audit_log" TO "tributary_api";
GRANT SELECT, INSERT, UPDATE ON "api_key", "connection", "command", "file" TO "tributary_api";
GRANT SELECT, INSERT, UPDATE ON "connection_lease", "connection_touch", "breaker_change" TO "tributary_api";
GRANT SELECT, UPDATE ON "parked_message" TO "tributary_api";
GRANT SELECT, INSERT, DELETE ON "pending_login" TO "tributary_api";
GRANT SELECT, INSERT, UPDATE, DELETE ON "idempotency_key" TO "tributary_api";
GRANT INSERT ON "outbox" TO "tributary_api";
GRANT USAGE ON SEQUENCE "outbox_seq_seq", "audit_log_id_seq", "breaker_change_id_seq" TO "tributary_api";
