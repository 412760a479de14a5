-- CreateTable
CREATE TABLE "pending_login" (
    "state_hash" BYTEA NOT NULL,
    "connection_id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "nonce" TEXT NOT NULL,
    "carry" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "pending_login_pkey" PRIMARY KEY ("state_hash")
);

-- CreateIndex
CREATE INDEX "pending_login_connection_id_idx" ON "pending_login"("connection_id");

-- CreateIndex
CREATE INDEX "pending_login_expires_at_idx" ON "pending_login"("expires_at");

-- AddForeignKey
ALTER TABLE "pending_login" ADD CONSTRAINT "pending_login_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;
