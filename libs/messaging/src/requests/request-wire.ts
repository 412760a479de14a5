import { fromWire, isPlatformError, type PlatformError, type WireError, wireError } from '@tributary/contracts';
import type { MessageProperties } from 'amqplib';

/** Headers of a request. */
const DEADLINE = 'x-deadline-ms';
const BUDGET = 'x-budget-ms';
/** Header of an answer. Not a member of the packet: Nest takes a packet with a member that it does not know for foreign. */
const VENDOR_CALLS = 'x-vendor-calls';

export interface RequestTiming {
  /** Wall clock of the asker, milliseconds since 1970. */
  deadlineMs: number;
  /** What was left when it was sent. */
  budgetMs: number;
}

/** Both are sent, so that clocks that differ can shorten a request's time but never lengthen it. */
export const timingHeaders = (timing: RequestTiming): Record<string, string> => ({
  [DEADLINE]: String(Math.floor(timing.deadlineMs)),
  [BUDGET]: String(Math.floor(timing.budgetMs)),
});

/** Milliseconds that are left for a request, as seen here; `fallbackMs` where the asker said nothing. */
export function remainingMs(headers: Record<string, unknown>, nowMs: number, fallbackMs: number): number {
  const deadline = wholeNumber(headers[DEADLINE]);
  const budget = wholeNumber(headers[BUDGET]);
  if (deadline === undefined && budget === undefined) return fallbackMs;
  return Math.min(deadline === undefined ? Infinity : deadline - nowMs, budget ?? Infinity);
}

/** What an answer, or a failure, has cost. */
export interface RequestCost {
  /** Calls to the platform; absent where the answering side does not count. */
  vendorCalls?: number;
}

export const costHeaders = ({ vendorCalls }: RequestCost): Record<string, string> =>
  vendorCalls === undefined ? {} : { [VENDOR_CALLS]: String(vendorCalls) };

export function costIn(headers: Record<string, unknown>): RequestCost {
  const vendorCalls = wholeNumber(headers[VENDOR_CALLS]);
  return vendorCalls === undefined ? {} : { vendorCalls };
}

function wholeNumber(value: unknown): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

export const headersOf = (properties: MessageProperties): Record<string, unknown> => properties.headers ?? {};

/** The failure as it crosses the broker; what is no platform's failure is ours, and its text stays here. */
export function toWireError(error: unknown): WireError {
  if (isPlatformError(error)) return error.toWire();
  return { code: 'malformed-response', message: 'the adapter failed on this request' };
}

/** The failure as it is thrown on this side. */
export function toPlatformError(error: unknown): PlatformError {
  if (isPlatformError(error)) return error;
  const parsed = wireError.safeParse(error);
  if (parsed.success) return fromWire(parsed.data);
  return fromWire({ code: 'malformed-response', message: `the adapter answered with an error of no known form` });
}
