import { type Scope, scope } from '@tributary/contracts';
import { duration } from '@tributary/runtime';
import { z } from 'zod';

/** Only asymmetric signatures: a shared secret would let every holder of it make tokens. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;
const MOST_TOLERANT_MS = 300_000;

const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const words = () => z.string().transform(list).pipe(z.array(z.string()).min(1, 'expected at least one'));

/** `operators=read+command, admins=read+write+command+admin` */
const roleScopes = () =>
  z.string().transform((text, context) => {
    const found = new Map<string, Scope[]>();
    for (const part of list(text)) {
      const [, role, given] = /^([^=]+)=([a-z+]+)$/.exec(part) ?? [];
      const parsed = z.array(scope).safeParse(given?.split('+'));
      if (role === undefined || !parsed.success) {
        context.addIssue({
          code: 'custom',
          message: 'expected roles with their scopes, such as operators=read+command',
        });
        return z.NEVER;
      }
      found.set(role.trim(), parsed.data);
    }
    return found;
  });

/** Configuration of bearer tokens of another issuer, accepted beside API keys. */
export const oidcConfig = {
  OIDC_ISSUER: z
    .url()
    .optional()
    .describe('Issuer of JWTs that are accepted beside API keys; `iss`, letter by letter.'),
  OIDC_AUDIENCE: words()
    .optional()
    .describe('Audiences, separated by commas; a JWT must have one of them. Required with an issuer.'),
  OIDC_JWKS_URL: z
    .url()
    .optional()
    .describe(
      'Where the issuer publishes its keys; by default its metadata says it (`/.well-known/openid-configuration`).',
    ),
  OIDC_ALGORITHMS: words()
    .pipe(z.array(z.enum(ALGORITHMS)))
    .prefault(ALGORITHMS.join(','))
    .describe('Signatures that are accepted, separated by commas; none with a shared secret can be.'),
  OIDC_CLOCK_TOLERANCE: duration()
    .refine((ms) => ms <= MOST_TOLERANT_MS, 'more than 5m would accept what has ended')
    .prefault('60s')
    .describe('How far the clocks of issuer and api may differ; at most 5m.'),
  OIDC_WORKSPACE_CLAIM: z
    .string()
    .default('workspace')
    .describe('Claim that names the workspace; a path with dots leads into objects.'),
  OIDC_SCOPE_CLAIMS: words()
    .prefault('scope,scp')
    .describe('Claims that name scopes, as text with spaces or as a list; separated by commas.'),
  OIDC_ROLES_CLAIM: z.string().optional().describe('Claim with roles or groups, such as `realm_access.roles`.'),
  OIDC_ROLE_SCOPES: roleScopes()
    .optional()
    .describe(
      'What roles may: `operators=read+command,admins=read+write+command+admin`. Required with a claim of roles.',
    ),
};

type OidcConfig = z.output<z.ZodObject<typeof oidcConfig>>;

/** Members that need each other, for `withPairs`. */
const PAIRS: readonly [keyof OidcConfig, keyof OidcConfig][] = [
  ['OIDC_ISSUER', 'OIDC_AUDIENCE'],
  ['OIDC_AUDIENCE', 'OIDC_ISSUER'],
  ['OIDC_JWKS_URL', 'OIDC_ISSUER'],
  ['OIDC_ROLES_CLAIM', 'OIDC_ROLE_SCOPES'],
  ['OIDC_ROLE_SCOPES', 'OIDC_ROLES_CLAIM'],
];

/** Names each half that was given without the other, beside all other problems. */
export function withPairs<S extends z.ZodObject>(schema: S): S {
  return PAIRS.reduce(
    (checked, [given, needed]) =>
      checked.refine((config) => config[given] === undefined || config[needed] !== undefined, {
        path: [needed],
        message: `is required with ${given}`,
        when: () => true,
      }),
    schema,
  );
}

/** What checking a token needs. */
export interface OidcOptions {
  issuer: string;
  audience: string[];
  jwksUrl?: string | undefined;
  algorithms: string[];
  clockToleranceMs: number;
  workspaceClaim: string;
  scopeClaims: string[];
  roles?: { claim: string; scopes: ReadonlyMap<string, readonly Scope[]> } | undefined;
}

/** Undefined where no issuer is configured. */
export function oidcOptions(config: OidcConfig): OidcOptions | undefined {
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience, OIDC_ROLES_CLAIM: claim, OIDC_ROLE_SCOPES: scopes } = config;
  if (!issuer || !audience) return undefined;
  return {
    issuer,
    audience,
    jwksUrl: config.OIDC_JWKS_URL,
    algorithms: config.OIDC_ALGORITHMS,
    clockToleranceMs: config.OIDC_CLOCK_TOLERANCE,
    workspaceClaim: config.OIDC_WORKSPACE_CLAIM,
    scopeClaims: config.OIDC_SCOPE_CLAIMS,
    roles: claim && scopes ? { claim, scopes } : undefined,
  };
}
