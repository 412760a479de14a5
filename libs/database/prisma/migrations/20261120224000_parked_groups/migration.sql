-- What is parked, so that it can be looked at in groups, and put right in bulk.
ALTER TABLE "parked_message"
    -- `message`: came over the bus; `item`: an adapter could not publish it.
    ADD COLUMN "kind" TEXT NOT NULL DEFAULT 'message',
    ADD COLUMN "platform" TEXT,
    -- First word of the event's name; of an item what its adapter calls such items.
    ADD COLUMN "area" TEXT,
    ADD COLUMN "device_id" TEXT,
    -- The same for the same fault, whoever suffers it.
    ADD COLUMN "fingerprint" TEXT NOT NULL DEFAULT '',
    -- False: `payload` is as it came. True: it is what may be shown, and `sealed` holds what came.
    -- Null: nobody has looked whether there is a secret in it.
    ADD COLUMN "redacted" BOOLEAN,
    ADD COLUMN "sealed" TEXT,
    ADD COLUMN "times" INTEGER NOT NULL DEFAULT 1,
    ADD COLUMN "last_parked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    -- What became of it when it was last replayed.
    ADD COLUMN "verdict" JSONB,
    ADD COLUMN "discarded_at" TIMESTAMPTZ(3),
    ADD COLUMN "discard_reason" TEXT,
    ADD COLUMN "settled_by" TEXT,
    -- Of the job that is to settle it.
    ADD COLUMN "job_id" TEXT;

UPDATE "parked_message" SET
    "last_parked_at" = "parked_at",
    "fingerprint" = 'fpr_' || translate(substr(md5("reason"), 1, 26), '0189', 'ghij'),
    "area" = CASE WHEN split_part("routing_key", '.', 6) <> '' THEN split_part("routing_key", '.', 2) END,
    "platform" = CASE WHEN split_part("routing_key", '.', 6) <> '' THEN split_part("routing_key", '.', 4) END;

CREATE INDEX "parked_message_fingerprint_idx" ON "parked_message" ("workspace_id", "fingerprint", "parked_at");
CREATE INDEX "parked_message_job_id_idx" ON "parked_message" ("job_id", "parked_at", "id") WHERE "job_id" IS NOT NULL;

-- Many parked messages that are replayed or discarded one after another. Redis holds only who is at it.
CREATE TABLE "parked_job" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    -- `replay`, `rehearsal` or `discard`.
    "kind" TEXT NOT NULL,
    -- What was asked for, to be shown.
    "selection" JSONB NOT NULL,
    "reason" TEXT,
    "actor" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "total" INTEGER NOT NULL,
    "replayed" INTEGER NOT NULL DEFAULT 0,
    "still_parked" INTEGER NOT NULL DEFAULT 0,
    "discarded" INTEGER NOT NULL DEFAULT 0,
    "skipped" INTEGER NOT NULL DEFAULT 0,
    -- Sums of the points of its verdicts.
    "points" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "parked_job_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "parked_job_workspace_id_id_idx" ON "parked_job" ("workspace_id", "id");
CREATE INDEX "parked_job_state_idx" ON "parked_job" ("state") WHERE "state" = 'running';

ALTER TABLE "parked_job" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "workspace" ON "parked_job" TO "tributary_api"
    USING ("workspace_id" = current_setting('tributary.workspace', true));
GRANT SELECT, INSERT, UPDATE ON "parked_job" TO "tributary_api";
