import { path, type TokenSource, type TokenValue, type VendorHttp } from '@tributary/adapter-kit';
import { z } from 'zod';

const sessionAnswer = z.object({ token: z.string(), refresh: z.string(), seconds: z.number() });

/** Sessions whose refresh tokens are good once, shared by all replicas. */
export function acmeSession(http: VendorHttp, account: string): TokenSource {
  const post = (to: string, form: Record<string, string>, signal: AbortSignal) =>
    ({
      method: 'POST',
      path: `${path`/${account}`}/${to}`,
      operation: 'ACME-SESSION',
      lane: 'interactive',
      idempotent: false,
      anonymous: true,
      form,
      signal,
    }) as const;
  return {
    shared: true,
    acquire: async (previous: TokenValue | undefined, signal) => {
      const { token, refresh, seconds } = await http.json(
        post('session', previous?.carry ?? {}, signal),
        sessionAnswer,
      );
      return { value: token, expiresAtMs: Date.now() + seconds * 1_000, carry: { refresh } };
    },
    attach: (token, headers) => {
      headers['x-session'] = token;
    },
    revoke: async (last, signal) => void (await http.send(post('sign-out', { token: last.value }, signal))),
  };
}
