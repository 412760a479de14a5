import { settledUntil } from './paint.ts';
import { tiled } from './spans.ts';
import type { CoverageState, SpanRow, Stretch } from './statement.ts';

/** What holds of a stretch. */
export interface Verdict {
  state: CoverageState;
  /** The last three are absent where nobody has stated anything. */
  source?: string;
  run?: string;
  /** By the database's clock, milliseconds since 1970. */
  statedAtMs?: number;
  /** Why it is not complete, for people. */
  reason?: string;
}

export type CoverageInterval = Stretch & Verdict;

/** Points of a stretch that the account misses, or that wait for somebody: it was read, and is not all there. */
export interface Doubt extends Stretch {
  /** Null: it may be any device's. */
  deviceId: string | null;
  run: string;
  reason: string;
}

/** What judging needs beside the rows; milliseconds since 1970. */
export interface Circumstances {
  /** Everything that the bus had confirmed before is committed. */
  horizonMs: number;
  /** Until where the live sources of the subject have read; undefined: they never have. */
  liveUntilMs: number | undefined;
  /** Why what comes after will not be read; undefined: it will, without anybody's doing. */
  standsStill: string | undefined;
}

export interface Subject {
  deviceId: string;
  /** Undefined: every signal of the device. */
  signal: string | undefined;
  /** Innermost first. */
  spaces: readonly string[];
}

/** What there is to judge. */
export interface Evidence {
  rows: readonly SpanRow[];
  doubts: readonly Doubt[];
}

type Claim = Stretch & { row: SpanRow; pending: boolean };
type Tail = Stretch & { tail: true };
type Piece = Claim | Tail | Doubt;

export const NEVER_READ = 'never read, or kept no longer';
export const NOT_READ_YET = 'not read yet';
const NOT_COMMITTED = 'read, and not yet known to be committed';

/** Lays all that is stated of a device or a series over each other: intervals in order that tile the frame. */
export function judge(
  frame: Stretch,
  subject: Subject,
  { rows, doubts }: Evidence,
  circumstances: Circumstances,
): CoverageInterval[] {
  const mine = rows
    .filter((row) => closeness(row, subject) >= 0)
    .toSorted((a, b) => closeness(a, subject) - closeness(b, subject));
  // Of one signal, whatever speaks of it speaks of all that is asked.
  const signals = subject.signal === undefined ? [...new Set(mine.flatMap(({ signal }) => signal ?? []))] : undefined;
  const pieces: Piece[] = [
    ...mine.flatMap((row) => claimsOf(row, circumstances.horizonMs)),
    ...doubts.filter(({ deviceId }) => deviceId === null || deviceId === subject.deviceId),
    ...tailOf(circumstances),
  ];
  const decide = (across: readonly Piece[]) => decided(across, signals, circumstances.standsStill);
  return tiled(frame, pieces, { decide, same }).map(({ value, ...stretch }) => ({ ...stretch, ...value }));
}

/** How narrowly a row speaks of the subject: the narrower one holds. Negative: it does not speak of it. */
function closeness(row: SpanRow, { deviceId, signal, spaces }: Subject): number {
  if (row.signal !== null && signal !== undefined && row.signal !== signal) return -1;
  const bySignal = row.signal === null ? 0 : 0.5;
  if (row.deviceId !== null) return row.deviceId === deviceId ? spaces.length + 1 + bySignal : -1;
  if (row.spaceId === null) return bySignal;
  const at = spaces.indexOf(row.spaceId);
  return at < 0 ? -1 : spaces.length - at + bySignal;
}

/** A row as far as it is committed, and the rest of it. What was not had at all needs no commit. */
function claimsOf(row: SpanRow, horizonMs: number): Claim[] {
  const { fromMs, toMs, state } = row;
  const settled = state === 'missing' || state === 'unrecoverable' ? toMs : settledUntil(row, horizonMs);
  return [
    { fromMs, toMs: settled, row, pending: false },
    { fromMs: settled, toMs, row, pending: true },
  ].filter((part) => part.fromMs < part.toMs);
}

const tailOf = ({ liveUntilMs }: Circumstances): Tail[] =>
  liveUntilMs === undefined ? [] : [{ fromMs: liveUntilMs, toMs: Number.POSITIVE_INFINITY, tail: true }];

function decided(
  across: readonly Piece[],
  signals: readonly string[] | undefined,
  standsStill: string | undefined,
): Verdict {
  const claims = across.filter((piece): piece is Claim => 'row' in piece);
  const doubt = across.find((piece): piece is Doubt => 'deviceId' in piece);
  const unread = across.some((piece) => 'tail' in piece) ? upToNow(standsStill) : neverRead;
  if (!signals) return doubted(verdictOf(claims.at(-1), unread), doubt);
  const whole = claims.findLast(({ row }) => row.signal === null);
  const ofSignals = signals.map((signal) => ({
    signal,
    verdict: verdictOf(
      claims.findLast(({ row }) => row.signal === null || row.signal === signal),
      unread,
    ),
  }));
  const [first] = ofSignals;
  // Where only some signals were ever spoken of, they are what there is.
  const base = !whole && first ? first.verdict : verdictOf(whole, unread);
  return doubted(together(base, ofSignals), doubt);
}

const neverRead: Verdict = { state: 'missing', reason: NEVER_READ };
const upToNow = (standsStill: string | undefined): Verdict =>
  standsStill === undefined ? { state: 'pending', reason: NOT_READ_YET } : { state: 'missing', reason: standsStill };

function verdictOf(claim: Claim | undefined, unread: Verdict): Verdict {
  if (!claim) return unread;
  const { source, run, reason, state, statedMs } = claim.row;
  const told = claim.pending ? NOT_COMMITTED : reason;
  return {
    state: claim.pending ? 'pending' : state,
    source,
    ...(run === null ? {} : { run }),
    ...(told === null ? {} : { reason: told }),
    statedAtMs: statedMs,
  };
}

/** A device is as complete as its signals; where they differ it is so in part. */
function together(base: Verdict, signals: readonly { signal: string; verdict: Verdict }[]): Verdict {
  const other = signals.find(({ verdict }) => verdict.state !== base.state);
  if (!other) return base;
  const states = new Set([base.state, ...signals.map(({ verdict }) => verdict.state)]);
  if ([...states].every((state) => state === 'complete' || state === 'pending')) {
    return base.state === 'pending' ? base : other.verdict;
  }
  const odd = base.state === 'complete' ? other : signals.find(({ verdict }) => verdict.state !== 'complete');
  const reason = odd && `${odd.signal}: ${odd.verdict.reason ?? odd.verdict.state}`;
  return { ...base, state: 'partial', ...(reason === undefined ? {} : { reason }) };
}

const doubted = (verdict: Verdict, doubt: Doubt | undefined): Verdict =>
  doubt && verdict.state === 'complete'
    ? { ...verdict, state: 'partial', run: doubt.run, reason: doubt.reason }
    : verdict;

const same = (a: Verdict, b: Verdict): boolean =>
  a.state === b.state &&
  a.source === b.source &&
  a.run === b.run &&
  a.reason === b.reason &&
  a.statedAtMs === b.statedAtMs;
