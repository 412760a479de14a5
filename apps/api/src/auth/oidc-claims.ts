import { type Scope, scopes, workspaceId } from '@tributary/contracts';
import type { CallerIdentity } from './caller.ts';
import type { OidcOptions } from './oidc-config.ts';

type Claims = Record<string, unknown>;

/** RFC 7519 asks for no more of a subject than that it is text; it stands in the audit log and names a caller's limit. */
const SUBJECT = /^[\x21-\x7e]{1,255}$/;

/** Who the holder of a token is. Undefined where the claims do not say it. Scopes that do not exist here are passed over. */
export function callerOfClaims(claims: Claims, options: OidcOptions): CallerIdentity | undefined {
  const workspace = workspaceId.safeParse(claimAt(claims, options.workspaceClaim));
  const { sub } = claims;
  if (!workspace.success || typeof sub !== 'string' || !SUBJECT.test(sub)) return undefined;
  const granted = new Set<string>(options.scopeClaims.flatMap((claim) => textsOf(claimAt(claims, claim))));
  for (const role of options.roles ? textsOf(claimAt(claims, options.roles.claim)) : []) {
    for (const scope of options.roles?.scopes.get(role) ?? []) granted.add(scope);
  }
  return {
    workspace: workspace.data,
    actor: `oidc:${sub}`,
    scopes: scopes.filter((scope): scope is Scope => granted.has(scope)),
  };
}

/** By its whole name first: names may be addresses. Then as a path. */
function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Claims)[part];
  }
  return value;
}

/** Text with spaces between, or a list of texts. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return value.split(' ');
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
