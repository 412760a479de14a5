-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "workspace" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workspace_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_key" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "scopes" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "platform" (
    "id" TEXT NOT NULL,
    "resource" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "platform_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "connection" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "settings" JSONB NOT NULL,
    "credentials" TEXT NOT NULL,
    "credentials_fingerprint" TEXT NOT NULL,
    "credentials_updated_at" TIMESTAMPTZ(3) NOT NULL,
    "paused" BOOLEAN NOT NULL DEFAULT false,
    "removed_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "connection_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "connection_status" (
    "connection_id" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "rev" BIGINT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT,
    "error" JSONB,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "connection_status_pkey" PRIMARY KEY ("connection_id")
);

-- CreateTable
CREATE TABLE "connection_lease" (
    "connection_id" TEXT NOT NULL,
    "replica" TEXT,
    "epoch" BIGINT NOT NULL DEFAULT 0,
    "leased_until" TIMESTAMPTZ(6),
    "rev_floor" BIGINT NOT NULL DEFAULT 0,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "connection_lease_pkey" PRIMARY KEY ("connection_id")
);

-- CreateTable
CREATE TABLE "checkpoint" (
    "connection_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "version" INTEGER NOT NULL,
    "epoch" BIGINT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "checkpoint_pkey" PRIMARY KEY ("connection_id","name")
);

-- CreateTable
CREATE TABLE "space" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "connection_id" TEXT NOT NULL,
    "native_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "parent_id" TEXT,
    "rev" BIGINT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "space_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "device" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "connection_id" TEXT NOT NULL,
    "native_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT,
    "label" TEXT,
    "description" TEXT,
    "serial" TEXT,
    "parent_id" TEXT,
    "space_id" TEXT,
    "properties" JSONB NOT NULL DEFAULT '{}',
    "state" TEXT NOT NULL,
    "rev" BIGINT NOT NULL DEFAULT 0,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "device_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "series" (
    "id" SERIAL NOT NULL,
    "device_id" TEXT NOT NULL,
    "signal" TEXT NOT NULL,
    "unit" TEXT,
    "unit_rev" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "series_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "series_latest" (
    "series_id" INTEGER NOT NULL,
    "ts" TIMESTAMPTZ(6) NOT NULL,
    "rev" BIGINT NOT NULL,
    "number" DOUBLE PRECISION,
    "boolean" BOOLEAN,
    "text" TEXT,
    "json" JSONB,
    "first_ts" TIMESTAMPTZ(6) NOT NULL,
    "observed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "series_latest_pkey" PRIMARY KEY ("series_id")
);

-- CreateTable
CREATE TABLE "attribute" (
    "device_id" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "value" JSONB,
    "removed" BOOLEAN NOT NULL DEFAULT false,
    "rev" BIGINT NOT NULL,
    "ts" TIMESTAMPTZ(3),
    "observed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "attribute_pkey" PRIMARY KEY ("device_id","scope","name")
);

-- CreateTable
CREATE TABLE "command" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "connection_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "native_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "params" JSONB NOT NULL,
    "state" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "error" JSONB,
    "reference" JSONB,
    "claim_replica" TEXT,
    "claim_epoch" BIGINT,
    "claimed_at" TIMESTAMPTZ(6),
    "followed_at" TIMESTAMPTZ(3),
    "traceparent" TEXT,

    CONSTRAINT "command_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "command_transition" (
    "command_id" TEXT NOT NULL,
    "step" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "evidence" JSONB NOT NULL,
    "error" JSONB,

    CONSTRAINT "command_transition_pkey" PRIMARY KEY ("command_id","step")
);

-- CreateTable
CREATE TABLE "file" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "location" TEXT NOT NULL,
    "size_bytes" BIGINT,
    "from_ts" TIMESTAMPTZ(3),
    "to_ts" TIMESTAMPTZ(3),
    "tag" TEXT,
    "rev" BIGINT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "file_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "platform_event" (
    "id" UUID NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "connection_id" TEXT NOT NULL,
    "device_id" TEXT,
    "name" TEXT NOT NULL,
    "ts" TIMESTAMPTZ(3) NOT NULL,
    "details" JSONB NOT NULL,

    CONSTRAINT "platform_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "outbox" (
    "seq" BIGSERIAL NOT NULL,
    "message_id" UUID NOT NULL,
    "lane" SMALLINT NOT NULL,
    "aggregate" TEXT NOT NULL,
    "message" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "parked_message" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT,
    "queue" TEXT NOT NULL,
    "exchange" TEXT NOT NULL,
    "routing_key" TEXT NOT NULL,
    "headers" JSONB NOT NULL,
    "reason" TEXT NOT NULL,
    "problems" JSONB NOT NULL,
    "event_id" TEXT,
    "payload" BYTEA NOT NULL,
    "digest" BYTEA NOT NULL,
    "state" TEXT NOT NULL,
    "replays" INTEGER NOT NULL DEFAULT 0,
    "parked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "replayed_at" TIMESTAMPTZ(3),

    CONSTRAINT "parked_message_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotency_key" (
    "workspace_id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "request_hash" BYTEA NOT NULL,
    "answer" JSONB,
    "attempt" TEXT NOT NULL,
    "locked_until" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_key_pkey" PRIMARY KEY ("workspace_id","key")
);

-- CreateTable
CREATE TABLE "audit_log" (
    "id" BIGSERIAL NOT NULL,
    "workspace_id" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "target" TEXT,
    "details" JSONB NOT NULL,
    "trace_id" TEXT,

    CONSTRAINT "audit_log_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "api_key_workspace_id_id_idx" ON "api_key"("workspace_id", "id");

-- CreateIndex
CREATE INDEX "connection_workspace_id_id_idx" ON "connection"("workspace_id", "id");

-- CreateIndex
CREATE INDEX "connection_platform_idx" ON "connection"("platform");

-- CreateIndex
CREATE INDEX "connection_lease_replica_idx" ON "connection_lease"("replica");

-- CreateIndex
CREATE INDEX "space_workspace_id_id_idx" ON "space"("workspace_id", "id");

-- CreateIndex
CREATE INDEX "space_connection_id_idx" ON "space"("connection_id");

-- CreateIndex
CREATE INDEX "space_parent_id_idx" ON "space"("parent_id");

-- CreateIndex
CREATE INDEX "device_workspace_id_id_idx" ON "device"("workspace_id", "id");

-- CreateIndex
CREATE INDEX "device_workspace_id_name_id_idx" ON "device"("workspace_id", "name", "id");

-- CreateIndex
CREATE INDEX "device_parent_id_idx" ON "device"("parent_id");

-- CreateIndex
CREATE INDEX "device_space_id_idx" ON "device"("space_id");

-- CreateIndex
CREATE UNIQUE INDEX "device_connection_id_native_id_key" ON "device"("connection_id", "native_id");

-- CreateIndex
CREATE UNIQUE INDEX "series_device_id_signal_key" ON "series"("device_id", "signal");

-- CreateIndex
CREATE INDEX "command_workspace_id_id_idx" ON "command"("workspace_id", "id");

-- CreateIndex
CREATE INDEX "command_device_id_id_idx" ON "command"("device_id", "id");

-- CreateIndex
CREATE INDEX "command_connection_id_state_idx" ON "command"("connection_id", "state");

-- CreateIndex
CREATE INDEX "file_workspace_id_id_idx" ON "file"("workspace_id", "id");

-- CreateIndex
CREATE INDEX "file_device_id_id_idx" ON "file"("device_id", "id");

-- CreateIndex
CREATE INDEX "platform_event_workspace_id_ts_id_idx" ON "platform_event"("workspace_id", "ts", "id");

-- CreateIndex
CREATE INDEX "platform_event_device_id_ts_id_idx" ON "platform_event"("device_id", "ts", "id");

-- CreateIndex
CREATE INDEX "platform_event_connection_id_idx" ON "platform_event"("connection_id");

-- CreateIndex
CREATE INDEX "outbox_lane_seq_idx" ON "outbox"("lane", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "parked_message_digest_key" ON "parked_message"("digest");

-- CreateIndex
CREATE INDEX "parked_message_workspace_id_id_idx" ON "parked_message"("workspace_id", "id");

-- CreateIndex
CREATE INDEX "parked_message_state_id_idx" ON "parked_message"("state", "id");

-- CreateIndex
CREATE INDEX "idempotency_key_created_at_idx" ON "idempotency_key"("created_at");

-- CreateIndex
CREATE INDEX "audit_log_workspace_id_id_idx" ON "audit_log"("workspace_id", "id");

-- CreateIndex
CREATE INDEX "audit_log_at_idx" ON "audit_log"("at");

-- AddForeignKey
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection" ADD CONSTRAINT "connection_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection_status" ADD CONSTRAINT "connection_status_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection_lease" ADD CONSTRAINT "connection_lease_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "checkpoint" ADD CONSTRAINT "checkpoint_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "space" ADD CONSTRAINT "space_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "device" ADD CONSTRAINT "device_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "series" ADD CONSTRAINT "series_device_id_fkey" FOREIGN KEY ("device_id") REFERENCES "device"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "series_latest" ADD CONSTRAINT "series_latest_series_id_fkey" FOREIGN KEY ("series_id") REFERENCES "series"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attribute" ADD CONSTRAINT "attribute_device_id_fkey" FOREIGN KEY ("device_id") REFERENCES "device"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "command_transition" ADD CONSTRAINT "command_transition_command_id_fkey" FOREIGN KEY ("command_id") REFERENCES "command"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "file" ADD CONSTRAINT "file_device_id_fkey" FOREIGN KEY ("device_id") REFERENCES "device"("id") ON DELETE CASCADE ON UPDATE CASCADE;
