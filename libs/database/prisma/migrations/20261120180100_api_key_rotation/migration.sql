-- After a rotation the secret before it works for a while.
ALTER TABLE "api_key"
    ADD COLUMN "rotated_at" TIMESTAMPTZ(3),
    ADD COLUMN "previous_hash" BYTEA,
    ADD COLUMN "previous_until" TIMESTAMPTZ(3);
