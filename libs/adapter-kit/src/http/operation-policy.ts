import type { OperationClass } from '@tributary/contracts';
import type { VendorRequest } from '../connection-kit.ts';
import type { Lane } from '../contract.ts';

/** How patient we are with one class of operations; all times in milliseconds. */
export interface OperationPolicy {
  /** Whole attempt, answer included; a stream's head only. */
  timeoutMs: number;
  /** Silence within a body. */
  idleMs: number;
  /** Rolling window in which failures are counted, cut into six buckets. */
  windowMs: number;
  /** Fewer calls than this in the window never open the breaker by share. */
  volume: number;
  /** The breaker opens above this share of failures, in percent. */
  errorPercent: number;
  /** This many failures in a row open the breaker however slow they come. */
  consecutive: number;
  /** First pause of an open breaker, and the longest it grows to. */
  resetMs: number;
  maxResetMs: number;
  /** Calls under way at once. */
  concurrency: number;
}

export type OperationPolicies = Record<OperationClass, OperationPolicy>;
export type OperationPolicyOverrides = { [C in OperationClass]?: Partial<OperationPolicy> };

const seconds = 1_000;
const minutes = 60_000;
// A hair under one half: opossum opens above the share, and one half shall open.
const HALF = 49.9;

export const defaultOperationPolicies: OperationPolicies = {
  auth: {
    timeoutMs: 5 * seconds,
    idleMs: 5 * seconds,
    windowMs: 60 * seconds,
    volume: 4,
    errorPercent: HALF,
    consecutive: 3,
    resetMs: 15 * seconds,
    maxResetMs: 5 * minutes,
    concurrency: 2,
  },
  read: {
    timeoutMs: 12 * seconds,
    idleMs: 10 * seconds,
    windowMs: 30 * seconds,
    volume: 5,
    errorPercent: HALF,
    consecutive: 5,
    resetMs: 15 * seconds,
    maxResetMs: 2 * minutes,
    concurrency: 4,
  },
  command: {
    timeoutMs: 8 * seconds,
    idleMs: 8 * seconds,
    windowMs: 30 * seconds,
    volume: 4,
    errorPercent: HALF,
    consecutive: 4,
    resetMs: 10 * seconds,
    maxResetMs: 1 * minutes,
    concurrency: 4,
  },
  bulk: {
    timeoutMs: 60 * seconds,
    idleMs: 20 * seconds,
    windowMs: 120 * seconds,
    volume: 3,
    errorPercent: HALF,
    consecutive: 3,
    resetMs: 60 * seconds,
    maxResetMs: 10 * minutes,
    concurrency: 2,
  },
};

export function operationPolicies(overrides: OperationPolicyOverrides = {}): OperationPolicies {
  return {
    auth: { ...defaultOperationPolicies.auth, ...overrides.auth },
    read: { ...defaultOperationPolicies.read, ...overrides.read },
    command: { ...defaultOperationPolicies.command, ...overrides.command },
    bulk: { ...defaultOperationPolicies.bulk, ...overrides.bulk },
  };
}

/** Every class begins with this pause, milliseconds, and grows to as many times of it as it does by default. */
export function firstPause(resetMs: number): OperationPolicyOverrides {
  const pauses = ({ resetMs: usualMs, maxResetMs }: OperationPolicy) => ({
    resetMs,
    maxResetMs: Math.round((resetMs * maxResetMs) / usualMs),
  });
  const { auth, read, command, bulk } = defaultOperationPolicies;
  return { auth: pauses(auth), read: pauses(read), command: pauses(command), bulk: pauses(bulk) };
}

const classOfLane: Record<Lane, OperationClass> = {
  command: 'command',
  interactive: 'read',
  live: 'read',
  'pass-through': 'bulk',
  reconcile: 'read',
  backfill: 'bulk',
};

/** What a request is, where it does not say so itself: a log-in, a download, or what its lane stands for. */
export function classOf(request: VendorRequest, streamed: boolean): OperationClass {
  if (request.class) return request.class;
  if (request.anonymous) return 'auth';
  return streamed ? 'bulk' : classOfLane[request.lane];
}
