-- When a group of parked messages was last told of on the bus, and what has been parked of it since.
CREATE TABLE "parked_news" (
    "workspace_id" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "told_at" TIMESTAMPTZ(3) NOT NULL,
    "untold" INTEGER NOT NULL DEFAULT 0,
    -- Of those that are untold: when the first was parked, and the id of the newest.
    "untold_since" TIMESTAMPTZ(3),
    "newest_id" TEXT,

    CONSTRAINT "parked_news_pkey" PRIMARY KEY ("workspace_id", "fingerprint")
);
CREATE INDEX "parked_news_untold_idx" ON "parked_news" ("told_at") WHERE "untold" > 0;

ALTER TABLE "parked_news" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "workspace" ON "parked_news" TO "tributary_api"
    USING ("workspace_id" = current_setting('tributary.workspace', true));
GRANT SELECT ON "parked_news" TO "tributary_api";
