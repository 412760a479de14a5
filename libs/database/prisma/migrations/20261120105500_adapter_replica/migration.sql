-- CreateTable
CREATE TABLE "adapter_replica" (
    "platform" TEXT NOT NULL,
    "replica" TEXT NOT NULL,
    "capacity" INTEGER NOT NULL,
    "alive_until" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "adapter_replica_pkey" PRIMARY KEY ("platform","replica")
);
