/** What can be said of a stretch of time. `pending` is never stated: it is what a statement is until it is committed. */
export type StatedState = 'complete' | 'partial' | 'unrecoverable' | 'missing';
export type CoverageState = StatedState | 'pending';

/** How much a statement is worth: one that is worth less never replaces one of the same scope that is worth more. */
export const worth: Record<StatedState, number> = { missing: 0, unrecoverable: 1, partial: 2, complete: 3 };

/** For whom a statement speaks: null is every one of the connection. A device and a space are never named together. */
export interface Scope {
  deviceId: string | null;
  spaceId: string | null;
  signal: string | null;
}

/** Half-open, in milliseconds since 1970 by the source's clock. */
export interface Stretch {
  fromMs: number;
  toMs: number;
}

/** What a source has found out about a stretch. */
export interface SpanStatement extends Stretch, Partial<Scope> {
  state: StatedState;
  /** Name of the poll, `stream`, `stream/<part>` or `backfill`. */
  source: string;
  run?: string;
  /** Why it is not complete, for people. */
  reason?: string;
  /** It replaces whatever was said of the stretch, also what was worth more: something was lost that was believed read. */
  overrides?: true;
  /**
   * The source goes on from where it was: a stretch between its last statement of this scope and this one, of which nothing
   * better is known, is missing.
   */
  onward?: true;
}

/** A statement on record. Times in milliseconds since 1970; the last five lines by the database's clock. */
export interface SpanRow extends Stretch, Scope {
  /** Undefined: not stored yet. */
  id: string | undefined;
  state: StatedState;
  source: string;
  run: string | null;
  reason: string | null;
  statedMs: number;
  /** [fromMs, settledMs) is committed, whatever the horizon. */
  settledMs: number;
  /** [fromMs, to) was stated at `at`; committed once the horizon has passed that. */
  waiting: { toMs: number; atMs: number } | null;
}

export const sameScope = (a: Scope, b: Scope): boolean =>
  a.deviceId === b.deviceId && a.spaceId === b.spaceId && a.signal === b.signal;

/** Rows that say the same of neighbouring stretches are one row. */
export const saysTheSame = (a: SpanRow, b: SpanRow): boolean =>
  sameScope(a, b) && a.state === b.state && a.source === b.source && a.reason === b.reason;

/** Whether one scope lies in the other, or is the same; `spacesOf` are the spaces in which a device is, or a space lies. */
export function isWithin(inner: Scope, outer: Scope, spacesOf: (id: string) => ReadonlySet<string>): boolean {
  if (outer.signal !== null && outer.signal !== inner.signal) return false;
  if (outer.deviceId !== null) return outer.deviceId === inner.deviceId;
  if (outer.spaceId === null) return true;
  const id = inner.deviceId ?? inner.spaceId;
  return id === outer.spaceId || (id !== null && spacesOf(id).has(outer.spaceId));
}
