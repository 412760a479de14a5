-- CreateTable
CREATE TABLE "subscription" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "description" TEXT,
    "events" JSONB NOT NULL,
    "batch" JSONB,
    "header_names" TEXT[],
    "headers" TEXT,
    "secrets" TEXT NOT NULL,
    "secret_updated_at" TIMESTAMPTZ(3) NOT NULL,
    "previous_secret_until" TIMESTAMPTZ(3),
    "paused" BOOLEAN NOT NULL DEFAULT false,
    "start" JSONB NOT NULL,
    "start_rev" INTEGER NOT NULL DEFAULT 1,
    "clock_rev" INTEGER NOT NULL DEFAULT 1,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "subscription_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "subscription_state" (
    "subscription_id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "replica" TEXT,
    "epoch" BIGINT NOT NULL DEFAULT 0,
    "leased_until" TIMESTAMPTZ(6),
    "start_rev" INTEGER NOT NULL DEFAULT 0,
    "cursor" TEXT,
    "next_seq" BIGINT NOT NULL DEFAULT 1,
    "done_seq" BIGINT NOT NULL DEFAULT 0,
    "pending_bytes" INTEGER NOT NULL DEFAULT 0,
    "turn_at" TIMESTAMPTZ(6),
    "claim" TEXT,
    "claimed_until" TIMESTAMPTZ(6),
    "clock_rev" INTEGER NOT NULL DEFAULT 0,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "failing_since" TIMESTAMPTZ(3),
    "last_failure" JSONB,
    "last_delivered_at" TIMESTAMPTZ(3),
    "delivered_cursor" TEXT,
    "suspended_rev" INTEGER,
    "suspended_at" TIMESTAMPTZ(3),
    "suspended_reason" TEXT,
    "suspended_detail" TEXT,

    CONSTRAINT "subscription_state_pkey" PRIMARY KEY ("subscription_id")
);

-- CreateTable
CREATE TABLE "delivery" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "subscription_id" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "event_ids" TEXT[],
    "after" TEXT,
    "cursor" TEXT,
    "media_type" TEXT NOT NULL,
    "body" TEXT,
    "bytes" INTEGER NOT NULL,
    "attempt_count" INTEGER NOT NULL DEFAULT 0,
    "attempts" JSONB NOT NULL DEFAULT '[]',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "delivery_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhooks_replica" (
    "replica" TEXT NOT NULL,
    "alive_until" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "webhooks_replica_pkey" PRIMARY KEY ("replica")
);

-- CreateIndex
CREATE INDEX "subscription_workspace_id_id_idx" ON "subscription"("workspace_id", "id");

-- CreateIndex
CREATE INDEX "subscription_state_replica_idx" ON "subscription_state"("replica");

-- CreateIndex
CREATE UNIQUE INDEX "delivery_subscription_id_seq_key" ON "delivery"("subscription_id", "seq");

-- AddForeignKey
ALTER TABLE "subscription" ADD CONSTRAINT "subscription_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "subscription_state" ADD CONSTRAINT "subscription_state_subscription_id_fkey" FOREIGN KEY ("subscription_id") REFERENCES "subscription"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "delivery" ADD CONSTRAINT "delivery_subscription_id_fkey" FOREIGN KEY ("subscription_id") REFERENCES "subscription_state"("subscription_id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "subscription_state" ADD CONSTRAINT "subscription_state_seq_check" CHECK ("done_seq" < "next_seq");
ALTER TABLE "subscription_state" ADD CONSTRAINT "subscription_state_reason_check" CHECK ("suspended_reason" IN ('gone', 'failing'));
ALTER TABLE "delivery" ADD CONSTRAINT "delivery_state_check" CHECK ("state" IN ('pending', 'delivered', 'abandoned'));
ALTER TABLE "delivery" ADD CONSTRAINT "delivery_kind_check" CHECK ("kind" IN ('events', 'resync'));

-- Both are updated over and over in place: room in the page keeps the new version beside the old.
ALTER TABLE "subscription_state" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
ALTER TABLE "delivery" SET (fillfactor = 85);

-- Every change of a subscription, by whomever, wakes the service of webhooks.
CREATE FUNCTION "notify_subscription"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('tributary_subscriptions', coalesce(NEW.id, OLD.id));
    RETURN NULL;
END
$$;
CREATE TRIGGER "subscription_changed" AFTER INSERT OR UPDATE OR DELETE ON "subscription"
    FOR EACH ROW EXECUTE FUNCTION "notify_subscription"();

-- The api sees its caller's workspace alone. It writes subscriptions, and reads how far they are.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tributary_api') THEN
        ALTER TABLE "subscription" ENABLE ROW LEVEL SECURITY;
        ALTER TABLE "subscription_state" ENABLE ROW LEVEL SECURITY;
        ALTER TABLE "delivery" ENABLE ROW LEVEL SECURITY;
        CREATE POLICY "workspace" ON "subscription" TO "tributary_api" USING ("workspace_id" = current_setting('tributary.workspace', true));
        CREATE POLICY "workspace" ON "subscription_state" TO "tributary_api" USING ("workspace_id" = current_setting('tributary.workspace', true));
        CREATE POLICY "workspace" ON "delivery" TO "tributary_api" USING ("workspace_id" = current_setting('tributary.workspace', true));
        GRANT SELECT, INSERT, UPDATE, DELETE ON "subscription" TO "tributary_api";
        GRANT SELECT ON "subscription_state", "delivery" TO "tributary_api";
    END IF;
END
$$;
