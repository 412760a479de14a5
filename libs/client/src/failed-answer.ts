import { retryAfterMs } from './retry-after.ts';
import { type AskedOf, type Problem, TributaryError } from './tributary-error.ts';

/** What a gateway in between answers when it is worth asking again. */
const TRANSIENT = new Set([408, 425, 429, 502, 503, 504]);

/** The failure that an answer tells, by its problem document where it has one. */
export function failedAnswer(request: AskedOf, answer: Response, text: string, nowMs: number): TributaryError {
  const problem = problemIn(text);
  const wait = retryAfterMs(answer.headers, nowMs);
  return new TributaryError(request, {
    code: problem?.code ?? `http-${answer.status}`,
    detail: problem?.detail ?? problem?.title ?? (answer.statusText || 'an answer without a problem document'),
    status: answer.status,
    retryable: problem?.retryable ?? TRANSIENT.has(answer.status),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
    ...(problem ? { problem } : {}),
  });
}

function problemIn(text: string): Problem | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isProblem(value) ? value : undefined;
  } catch {
    // The page of a proxy: its status says what there is to say.
    return undefined;
  }
}

function isProblem(value: unknown): value is Problem {
  if (typeof value !== 'object' || value === null) return false;
  const { code, retryable } = value as Record<string, unknown>;
  return typeof code === 'string' && typeof retryable === 'boolean';
}
