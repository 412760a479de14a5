import { databaseConfig, vaultConfig } from '@tributary/database';
import { brokerConfig } from '@tributary/messaging';
import { addressConfig, duration, integer, secret, serviceConfig, serviceUrl } from '@tributary/runtime';
import { z } from 'zod';
import { isKeyToken } from './api-keys/bootstrap-key.ts';
import { oidcConfig, withPairs } from './auth/oidc-config.ts';

/** Changes are remembered for longer than answers. */
const LONGEST_STALE_MS = 30 * 86_400_000;

/** Configuration of the api. */
export const apiConfig = withPairs(
  z.object({
    ...serviceConfig,
    ...databaseConfig,
    DATABASE_POOL_SIZE: integer(3, 100)
      .default(8)
      .describe('Connections to Postgres that this process may hold; two of them serve no workspace.'),
    ...vaultConfig,
    ...brokerConfig,
    ...addressConfig,
    REDIS_URL: serviceUrl('redis', 'rediss')
      .optional()
      .describe(
        'Redis; shares the caller limits and the last answers of platforms between replicas. Without it each has its own.',
      ),
    HOST: z.string().default('0.0.0.0').describe('Address to listen on.'),
    API_RATE_LIMIT: integer(0, 1_000_000_000)
      .default(600_000)
      .describe('Requests per minute and API key; 0 for no limit. Those that ask many or answer much count more.'),
    API_REQUESTS_AT_ONCE: integer(0, 1_000_000)
      .default(500)
      .describe('Requests of an API key that one replica answers at once, streams among them; 0 for no limit.'),
    API_UPLOAD_LIMIT: integer(1, 1_099_511_627_776)
      .default(1_073_741_824)
      .describe('Bytes of a file that may be uploaded to a platform.'),
    API_STALE_FOR: duration()
      .refine((ms) => ms <= LONGEST_STALE_MS, 'at most 30d')
      .default(86_400_000)
      .describe('How long the last answer of a platform is given, marked stale, while it is away; 0s for never.'),
    API_STALE_MEMORY: integer(0, 4_294_967_296)
      .default(33_554_432)
      .describe('Bytes of such answers that this process keeps in memory.'),
    API_STALE_SHARED: integer(0, 68_719_476_736)
      .default(134_217_728)
      .describe('Bytes of such answers that all replicas together keep in Redis, sealed; 0 for none.'),
    API_DRAIN: duration()
      .default(5_000)
      .describe('How long the api goes on answering after SIGTERM while load balancers notice.'),
    API_TRUST_PROXY: z
      .string()
      .optional()
      .describe('Addresses of proxies whose X-Forwarded-For is believed, separated by commas.'),
    BOOTSTRAP_API_KEY: secret()
      .refine((key) => isKeyToken(key.reveal()), 'expected a key such as trb_…, as create-key makes them')
      .optional()
      .describe('A key that `create-key` made; it is entered with all scopes in the workspace `default` at start.'),
    ...oidcConfig,
  }),
);
export type ApiConfig = z.output<typeof apiConfig>;
