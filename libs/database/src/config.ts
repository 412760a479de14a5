import { duration, integer, serviceUrl } from '@tributary/runtime';
import { z } from 'zod';
import { vaultKeys } from './connections/vault-keys.ts';

/** Configuration of every service that opens the database. */
export const databaseConfig = {
  DATABASE_URL: serviceUrl('postgres', 'postgresql')
    .default('postgres://postgres:postgres@127.0.0.1:5432/tributary')
    .describe('Postgres; the database is created by the migration when it does not exist.'),
  DATABASE_POOL_SIZE: integer(2, 100).default(8).describe('Connections to Postgres that this process may hold.'),
};

/** Configuration of what opens or seals the credentials of connections. */
export const vaultConfig = {
  TRIBUTARY_KEYS: vaultKeys().describe(
    'Keys that seal credentials: `<id>:<32 bytes in base64>`, separated by commas. The first seals, all open.',
  ),
};

/** Configuration of what writes telemetry. */
export const telemetryConfig = {
  TELEMETRY_RETENTION: duration()
    .default(400 * 86_400_000)
    .describe('How long points are kept, such as 400d. Older ones are refused by name when they arrive.'),
};

export type DatabaseConfig = z.output<z.ZodObject<typeof databaseConfig>>;
