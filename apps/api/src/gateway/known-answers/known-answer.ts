import { hash } from 'node:crypto';
import type { AdapterPayload, AdapterRequestName } from '@tributary/contracts';
import { EVERYTHING, questionRules } from './question-rules.ts';

/** The connection that is asked about, as the database had it when the request began. */
export interface KnownTarget {
  platform: string;
  connectionId: string;
  workspace: string;
  /** Grows with each change of the connection: what another account has answered is not known of this one. */
  version: number;
  /** What time it was, by the database. */
  readAtMs: number;
  /** When what was last changed through us, by scope and by the database's clock. */
  touches: Readonly<Record<string, number>>;
}

/** Why the answer of now is not to be had. */
export type StaleReason = 'circuit-open' | 'platform-unavailable' | 'platform-timeout' | 'platform-rate-limited';

/** An answer and how old it is. */
export interface Known<T> {
  reply: T;
  /** When it was so: never later than the platform told it. */
  observedAtMs: number;
  /** Set where the platform does not answer now and this is what it last said. */
  stale?: {
    ageMs: number;
    because: StaleReason;
    /** False: nothing was sent, the platform is being left alone. */
    asked: boolean;
  };
}

/** How old an answer may be that a caller takes instead of a failure, and whether this one may be kept. */
export interface Staleness {
  /** Milliseconds; Infinity for any. */
  upToMs: number;
  keep: boolean;
}

export const ANY_AGE: Staleness = { upToMs: Number.POSITIVE_INFINITY, keep: true };

/** A question whose answer may be given again. */
export interface KnownQuestion {
  key: string;
  owner: { workspace: string; connectionId: string };
  /** By the database's clock: an answer to what was asked before is worth nothing. */
  notBeforeMs: number;
  readAtMs: number;
}

/** Undefined where the answer is given once only. */
export function knownQuestion<N extends AdapterRequestName>(
  target: KnownTarget,
  name: N,
  payload: AdapterPayload<N>,
): KnownQuestion | undefined {
  const scopes = questionRules[name].known?.(payload);
  if (!scopes) return undefined;
  const { workspace, connectionId, version, readAtMs, touches } = target;
  const members = Object.entries(payload).filter(([, value]) => value !== undefined);
  const question = JSON.stringify([workspace, connectionId, version, name, members.sort(byName)]);
  return {
    key: hash('sha256', question, 'base64url'),
    owner: { workspace, connectionId },
    notBeforeMs: Math.max(0, ...[...scopes, EVERYTHING].map((scope) => touches[scope] ?? 0)),
    readAtMs,
  };
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);
