import type { AttemptOutcome } from '@tributary/contracts';

const TOO_SLOW = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);
const LOST = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);
const isTls = (code: string): boolean =>
  /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH)/.test(code);

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (typeof code === 'string') return code;
  // Happy-eyeballs wraps one failure per address.
  return error instanceof AggregateError ? codeOf(error.errors[0]) : '';
}

/** What a POST without an answer means. */
export function outcomeOf(error: unknown): AttemptOutcome {
  const code = codeOf(error);
  if (code === 'EREFUSEDADDRESS') return 'address-refused';
  if (isTls(code)) return 'untrusted';
  return TOO_SLOW.has(code) ? 'timeout' : 'unreachable';
}

/** It stood, and was gone before an answer came. */
export const isLostConnection = (error: unknown): boolean => LOST.has(codeOf(error));
