import type { VendorAnswer, VendorHttp } from '@tributary/adapter-kit';
import { MalformedResponseError, PlatformError } from '@tributary/contracts';
import { FREE } from './costs.ts';

/** An answer of the identity service that means failure; the OAuth library reads why. */
class FailedAnswer extends PlatformError {
  constructor(readonly answer: VendorAnswer) {
    super('invalid-request', `the identity service answered ${answer.status}`, { platformStatus: answer.status });
  }
}

/** Refusals of OAuth are answers to be read, everything else is the kit's to judge. */
export const passRefusals = (answer: VendorAnswer): Error | undefined =>
  answer.status === 400 || answer.status === 401 ? new FailedAnswer(answer) : undefined;

interface FetchOptions {
  method?: string;
  headers: Record<string, string>;
  body?: unknown;
  signal?: AbortSignal;
}

/**
 * `fetch` for an OAuth library, over the kit: its address guard, limits and timeouts hold, redirects are not followed,
 * and no address but the identity service's own is asked.
 */
export function oauthFetch(http: VendorHttp, identityUrl: string, operation: string) {
  const base = new URL(identityUrl);
  return async (address: string, { method, headers, body, signal }: FetchOptions): Promise<Response> => {
    const url = new URL(address);
    const path = `${url.pathname}${url.search}`;
    const prefix = base.pathname.replace(/\/+$/, '');
    if (url.origin !== base.origin || !path.startsWith(prefix)) {
      throw new MalformedResponseError(`${operation}: the identity service names an address that is not its own`);
    }
    const form = body instanceof URLSearchParams ? Object.fromEntries(body) : undefined;
    const request = {
      method: method === 'POST' ? ('POST' as const) : ('GET' as const),
      path: path.slice(prefix.length),
      operation,
      lane: 'interactive' as const,
      idempotent: method !== 'POST',
      anonymous: true,
      cost: FREE,
      headers: withoutLength(headers),
      ...(form ? { form } : {}),
      ...(signal ? { signal } : {}),
    };
    return responseOf(await http.send(request).catch(answerOf));
  };
}

const answerOf = (error: unknown): VendorAnswer => {
  if (error instanceof FailedAnswer) return error.answer;
  throw error;
};

const withoutLength = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-length'));

function responseOf({ status, headers, text }: VendorAnswer): Response {
  const kept = Object.entries(headers).filter(([name]) => name === 'content-type' || name === 'www-authenticate');
  return new Response(text === '' ? null : text, { status, headers: Object.fromEntries(kept) });
}
