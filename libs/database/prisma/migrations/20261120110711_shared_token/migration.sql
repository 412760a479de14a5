-- CreateTable
CREATE TABLE "shared_token" (
    "connection_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "credentials_mark" TEXT NOT NULL,
    "sealed" TEXT,
    "expires_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL,
    "claimed_by" TEXT,
    "claimed_until" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "shared_token_pkey" PRIMARY KEY ("connection_id","name")
);

-- AddForeignKey
ALTER TABLE "shared_token" ADD CONSTRAINT "shared_token_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;
