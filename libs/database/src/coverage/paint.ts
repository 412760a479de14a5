import { subtracted, without } from './spans.ts';
import {
  isWithin,
  type Scope,
  type SpanRow,
  type SpanStatement,
  type Stretch,
  sameScope,
  saysTheSame,
  worth,
} from './statement.ts';

/** When it is written, and until when everything that the bus had confirmed is committed; milliseconds. */
export interface WrittenAt {
  nowMs: number;
  horizonMs: number;
}

type SpacesOf = (id: string) => ReadonlySet<string>;

/** Rows as they are after a statement; those that are not touched are the same objects. */
export function paint(
  rows: readonly SpanRow[],
  statement: SpanStatement,
  at: WrittenAt,
  spacesOf: SpacesOf,
): readonly SpanRow[] {
  const scope = scopeOf(statement);
  const replaced = rows.filter((row) => reaches(row, statement) && givesWay(row, statement, scope, spacesOf));
  const kept = rows.flatMap((row) =>
    replaced.includes(row) ? without([row], statement).map((part) => cut(part, row)) : [row],
  );
  // Said of fewer, and better now for all: it is so for those few from now on, not from when it was said of the others.
  const few = statement.overrides ? [] : replaced.filter((row) => !sameScope(row, scope));
  const saidBefore = subtracted(saidWider(kept, statement, scope, spacesOf), replaced);
  const own = kept.filter((row) => sameScope(row, scope));
  const news = subtracted([statement], [...own, ...saidBefore]);
  const stretches = [
    ...news.map((stretch) => ({ ...statement, ...scope, ...stretch })),
    ...few.map((row) => ({ ...statement, ...scopeOf(row), ...within(row, statement) })),
  ];
  return stretches.reduce((list, one) => lay(list, one, at), kept);
}

const reaches = (a: Stretch, b: Stretch) => a.fromMs < b.toMs && a.toMs > b.fromMs;
const within = (a: Stretch, b: Stretch): Stretch => ({
  fromMs: Math.max(a.fromMs, b.fromMs),
  toMs: Math.min(a.toMs, b.toMs),
});

const givesWay = (row: SpanRow, { state, overrides }: SpanStatement, scope: Scope, spacesOf: SpacesOf): boolean =>
  (overrides === true || worth[row.state] < worth[state]) && isWithin(row, scope, spacesOf);

/** Where everything that is said of more is the same: that need not be said again. */
function saidWider(
  rows: readonly SpanRow[],
  { state, fromMs, toMs }: Pick<SpanStatement, 'state' | 'fromMs' | 'toMs'>,
  scope: Scope,
  spacesOf: SpacesOf,
): Stretch[] {
  if (state !== 'complete') return [];
  const others = rows.filter(
    (row) => reaches(row, { fromMs, toMs }) && !isWithin(row, scope, spacesOf) && mayConcern(row, scope),
  );
  return subtracted(
    others.filter((row) => row.state === 'complete' && isWithin(scope, row, spacesOf)),
    others.filter((row) => row.state !== 'complete'),
  );
}

const mayConcern = (row: Scope, { deviceId }: Scope) =>
  row.deviceId === null || deviceId === null || row.deviceId === deviceId;

/**
 * The stretch between the last statement of the same source and scope and this one, minus what anybody has read of it;
 * nothing when the source is still before or within what it stated last.
 */
export function leftOut(
  rows: readonly SpanRow[],
  statement: SpanStatement,
  lastMs: number | undefined,
  spacesOf: SpacesOf,
): Stretch[] {
  if (lastMs === undefined || lastMs >= statement.fromMs) return [];
  const scope = scopeOf(statement);
  const known = rows.filter((row) => isWithin(scope, row, spacesOf));
  return subtracted([{ fromMs: lastMs, toMs: statement.fromMs }], known);
}

export const scopeOf = ({ deviceId = null, spaceId = null, signal = null }: Partial<Scope>): Scope => ({
  deviceId,
  spaceId,
  signal,
});

/** A part of a row keeps of its marks what lies in it. */
function cut(part: SpanRow, { id, fromMs, settledMs, waiting }: SpanRow): SpanRow {
  const within = (ms: number) => Math.min(Math.max(ms, part.fromMs), part.toMs);
  return {
    ...part,
    id: part.fromMs === fromMs ? id : undefined,
    settledMs: within(settledMs),
    waiting: waiting && { ...waiting, toMs: within(waiting.toMs) },
  };
}

/** Lays a statement where no row of its scope is: at the end of one that says the same, or as a row of its own. */
function lay(rows: SpanRow[], statement: SpanStatement & Scope, at: WrittenAt): SpanRow[] {
  const row: SpanRow = {
    ...scopeOf(statement),
    id: undefined,
    fromMs: statement.fromMs,
    toMs: statement.toMs,
    state: statement.state,
    source: statement.source,
    run: statement.run ?? null,
    reason: statement.reason ?? null,
    statedMs: at.nowMs,
    settledMs: statement.fromMs,
    waiting: null,
  };
  const before = rows.find((one) => one.toMs === row.fromMs && saysTheSame(one, row));
  if (!before) return [...rows, row];
  return rows.map((one) => (one === before ? grown(before, row, at) : one));
}

function grown(row: SpanRow, by: SpanRow, { horizonMs }: WrittenAt): SpanRow {
  const settled = settledUntil(row, horizonMs);
  const all = settled === row.toMs;
  const stillWaiting = row.waiting !== null && row.waiting.atMs > horizonMs;
  const waiting = stillWaiting ? row.waiting : { toMs: row.toMs, atMs: row.statedMs };
  return {
    ...row,
    toMs: by.toMs,
    run: by.run,
    statedMs: by.statedMs,
    settledMs: settled,
    waiting: all ? null : waiting,
  };
}

/** Until when a row is committed, given the horizon. */
export function settledUntil(row: SpanRow, horizonMs: number): number {
  if (row.statedMs <= horizonMs) return row.toMs;
  if (row.waiting && row.waiting.atMs <= horizonMs) return Math.max(row.settledMs, row.waiting.toMs);
  return row.settledMs;
}

/**
 * Fewer rows that say the same. Neighbours become one, as far as the earlier one is committed; what is committed and
 * complete for few, where it is for all, goes.
 */
export function compacted(rows: readonly SpanRow[], horizonMs: number, spacesOf: SpacesOf): readonly SpanRow[] {
  // What is not committed yet is not complete to anybody.
  const firm = rows.map((row): SpanRow => (settledUntil(row, horizonMs) < row.toMs ? { ...row, state: UNSURE } : row));
  const needed = rows.filter((row, at) => firm[at] !== row || !isSaidForMore(row, firm, spacesOf));
  return neighboursJoined(needed.length === rows.length ? rows : needed, horizonMs);
}

const UNSURE = 'partial';

const isSaidForMore = (row: SpanRow, rows: readonly SpanRow[], spacesOf: SpacesOf): boolean =>
  row.state === 'complete' && subtracted([row], saidWider(rows, row, row, spacesOf)).length === 0;

function neighboursJoined(rows: readonly SpanRow[], horizonMs: number): readonly SpanRow[] {
  const sorted = rows.toSorted((a, b) => a.fromMs - b.fromMs);
  const list: SpanRow[] = [];
  for (const row of sorted) {
    const at = list.findIndex((one) => one.toMs === row.fromMs && saysTheSame(one, row));
    const before = list[at];
    if (!before || settledUntil(before, horizonMs) < before.toMs) list.push(row);
    else list[at] = { ...row, id: before.id ?? row.id, fromMs: before.fromMs };
  }
  return list.length === rows.length ? rows : list;
}
