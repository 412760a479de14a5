import { databaseConfig, vaultConfig } from '@tributary/database';
import { brokerConfig } from '@tributary/messaging';
import { duration, integer, secret, serviceConfig, serviceUrl } from '@tributary/runtime';
import { z } from 'zod';
import { isKeyToken } from './api-keys/bootstrap-key.ts';

/** Configuration of the api. */
export const apiConfig = z.object({
  ...serviceConfig,
  ...databaseConfig,
  ...vaultConfig,
  ...brokerConfig,
  REDIS_URL: serviceUrl('redis', 'rediss')
    .optional()
    .describe('Redis; shares the caller limits between replicas. Without it each replica counts for itself.'),
  HOST: z.string().default('0.0.0.0').describe('Address to listen on.'),
  API_RATE_LIMIT: integer(0, 1_000_000_000)
    .default(600_000)
    .describe('Requests per minute and API key; 0 for no limit.'),
  API_UPLOAD_LIMIT: integer(1, 1_099_511_627_776)
    .default(1_073_741_824)
    .describe('Bytes of a file that may be uploaded to a platform.'),
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
  OIDC_ISSUER: z.url().optional().describe('Issuer of JWTs that are accepted beside API keys.'),
  OIDC_AUDIENCE: z.string().optional().describe('Audience that such a JWT must have.'),
  OIDC_JWKS_URL: z
    .url()
    .optional()
    .describe('Where the issuer publishes its keys; default `<issuer>/.well-known/jwks.json`.'),
  OIDC_WORKSPACE_CLAIM: z.string().default('workspace').describe('Claim that names the workspace.'),
});
export type ApiConfig = z.output<typeof apiConfig>;
