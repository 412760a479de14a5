import { InvalidRequestError } from '@tributary/contracts';
import type { Clock } from '@tributary/runtime';
import { z } from 'zod';
import type { ConnectionRecord, Vault } from '../ports.ts';
import { given, type On } from './capability.ts';

/** Somebody who has gone to the platform's log-in page comes back within this time. */
const MAX_AGE_MS = 30 * 60_000;

/** What `begin` hands to `finish` through the caller, sealed; `purpose` keeps other sealed texts from taking its place. */
const begun = z.object({
  purpose: z.literal('login'),
  nonce: z.string(),
  redirectUri: z.string(),
  atMs: z.coerce.number(),
  carry: z.string(),
});
const carrySchema = z.record(z.string(), z.string());
const codeSchema = z.object({ code: z.string().min(1) });

/**
 * A user's own log-in. Code, carry and credentials travel sealed for the connection, in both directions; nothing of them
 * is kept here between the two questions, so that any replica may answer either.
 */
export function loginHandlers(on: On, { vault, clock }: { vault: Vault; clock: Clock }) {
  return {
    'login.begin': on(
      'login.begin',
      (adapter) => adapter.login,
      async (login, { payload: { redirectUri, state, nonce }, signal, instance }) => {
        const { url, carry } = await login.begin({ redirectUri, state, nonce }, signal);
        const atMs = String(clock.now());
        const content = { purpose: 'login', nonce, redirectUri, atMs, carry: JSON.stringify(carry) };
        return { url, sealed: vault.seal(content, ownerOf(instance.record)) };
      },
    ),
    'login.finish': on(
      'login.finish',
      (adapter) => adapter.login,
      async (login, { payload: { redirectUri, nonce, sealed, sealedCode }, signal, instance }) => {
        const owner = ownerOf(instance.record);
        const start = opened(begun, sealed, owner, vault);
        const { code } = opened(codeSchema, sealedCode, owner, vault);
        if (start.nonce !== nonce || start.redirectUri !== redirectUri) {
          throw new InvalidRequestError('this log-in was begun as another one');
        }
        if (clock.now() - start.atMs > MAX_AGE_MS) throw new InvalidRequestError('the log-in was begun too long ago');
        const carry = carrySchema.parse(JSON.parse(start.carry));
        const { credentials, account } = await login.finish({ redirectUri, code, nonce, carry }, signal);
        return { sealedCredentials: vault.seal(credentials, owner), ...given({ account }) };
      },
    ),
  };
}

const ownerOf = ({ workspace, id }: ConnectionRecord) => ({ workspace, connectionId: id });

/** What is wrong with it is not told: whoever made it knows, and nobody else shall. */
function opened<S extends z.ZodType>(
  schema: S,
  sealed: string,
  owner: { workspace: string; connectionId: string },
  vault: Vault,
): z.output<S> {
  let plain: unknown;
  try {
    plain = vault.open(sealed, owner);
  } catch (error) {
    throw new InvalidRequestError('this was not sealed for the log-in of this connection', { cause: error });
  }
  const parsed = schema.safeParse(plain);
  if (!parsed.success) throw new InvalidRequestError('this was not sealed for the log-in of this connection');
  return parsed.data;
}
