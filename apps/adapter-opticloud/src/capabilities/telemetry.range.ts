import type { Call, Window } from '@tributary/adapter-kit';
import { MalformedResponseError } from '@tributary/contracts';
import type { OpticloudClient } from '../client.ts';
import type { SeriesRow } from '../wire.ts';

export interface RangeAsked extends Window {
  keys: readonly string[];
  pageSize: number;
}

/** Characters of one `keys` parameter, encoded: longer addresses are cut off by proxies. */
const MAX_KEYS_LENGTH = 3_000;

/** Quirk: `keys` is one text with commas between, so a signal with a comma in its name cannot be asked for by range. */
export const canBeAskedFor = (key: string): boolean => !key.includes(',');

/**
 * Everything that lies in [fromMs, toMs], page by page, oldest first within a signal. Signals whose page was full are
 * asked for again from where the shortest of them ended; one value per signal and millisecond is what the platform
 * keeps, so nothing lies between. Throws `MalformedResponseError` when an answer would make us skip or circle.
 */
export async function* readRange(
  client: OpticloudClient,
  device: string,
  asked: RangeAsked,
  call: Call,
): AsyncGenerator<SeriesRow[], void, undefined> {
  for (const keys of inGroups(asked.keys.filter(canBeAskedFor))) {
    for await (const { rows } of readGroup(client, device, { ...asked, keys }, call)) if (rows.length > 0) yield rows;
  }
}

/** Rows that no earlier page has had, and what is left to be read of the range; undefined after the last page. */
export interface RangePage {
  rows: SeriesRow[];
  next: { keys: string[]; fromMs: number } | undefined;
}

/** As `readRange`, of signals that one address holds. */
export async function* readGroup(
  client: OpticloudClient,
  device: string,
  asked: RangeAsked,
  call: Call,
): AsyncGenerator<RangePage, void, undefined> {
  const reached = new Map<string, number>();
  let next: RangePage['next'] = { keys: [...asked.keys], fromMs: asked.fromMs };
  while (next !== undefined && next.keys.length > 0) {
    const { keys, fromMs }: NonNullable<RangePage['next']> = next;
    const { rows, full } = await client.range(device, { keys, fromMs, toMs: asked.toMs, limit: asked.pageSize }, call);
    const fresh = rows.filter((row) => row.ts > (reached.get(row.key) ?? Number.NEGATIVE_INFINITY));
    advance(reached, rows);
    next = nextOf(full, reached, fromMs);
    yield { rows: fresh, next };
  }
}

/** Signals whose page was full go on where the shortest of them ended. */
function nextOf(full: string[], reached: ReadonlyMap<string, number>, fromMs: number): RangePage['next'] {
  if (full.length === 0) return undefined;
  const next = Math.min(...full.map((key) => reached.get(key) ?? Number.NEGATIVE_INFINITY)) + 1;
  if (next <= fromMs) throw new MalformedResponseError('OPTI-11: a full page brings us no further');
  return { keys: full, fromMs: next };
}

/** Notes the newest time of each signal. A page of another order could hide what lies before it. */
function advance(reached: Map<string, number>, rows: readonly SeriesRow[]): void {
  const newest = new Map<string, number>();
  for (const { key, ts } of rows) {
    if (ts < (newest.get(key) ?? ts)) throw new MalformedResponseError('OPTI-11: rows are not in the order asked for');
    newest.set(key, ts);
  }
  for (const [key, ts] of newest) reached.set(key, Math.max(ts, reached.get(key) ?? ts));
}

export function* inGroups(keys: readonly string[]): Generator<string[]> {
  let group: string[] = [];
  let length = 0;
  for (const key of keys) {
    const more = encodeURIComponent(key).length + 3;
    if (group.length > 0 && length + more > MAX_KEYS_LENGTH) {
      yield group;
      group = [];
      length = 0;
    }
    group.push(key);
    length += more;
  }
  if (group.length > 0) yield group;
}
