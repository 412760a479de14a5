import type { ScenarioClock } from '../kit/scenario-clock.ts';
import type { TrueValue } from '../kit/series-log.ts';
import type { ComputedHistory } from './computed-history.ts';
import { compareRows, MergedRows, orderedList, type Row, type RowRange } from './stream-rows.ts';

interface WrittenRow extends Row {
  values: readonly TrueValue[];
  /** When queries begin to see it. */
  visibleAt: number;
}

export interface StreamTableParts {
  /** Names of the measured attributes, in the order of a row's values. */
  attributes: readonly string[];
  clock: ScenarioClock;
  visibleAfterMs: number;
}

const ascending = compareRows(false);

/** Rows of one stream: those from before the start are computed, those written since are kept. */
export class StreamTable {
  readonly attributes: readonly string[];
  history: ComputedHistory | undefined;
  readonly #clock: ScenarioClock;
  readonly #visibleAfterMs: number;
  /** In the order of their times, equal times in the order of their ids. */
  readonly #written: WrittenRow[] = [];

  constructor(parts: StreamTableParts) {
    this.attributes = parts.attributes;
    this.#clock = parts.clock;
    this.#visibleAfterMs = parts.visibleAfterMs;
  }

  /** A row for the same entity and time is replaced as a whole. */
  write(row: Row): void {
    if (this.history?.row(row.rtId, row.ts)) {
      this.history.rewrite(row.rtId, row.ts, row.values);
      return;
    }
    const at = this.#position(row);
    const twin = this.#written[at];
    if (twin && ascending(twin, row) === 0) twin.values = row.values;
    else this.#written.splice(at, 0, { ...row, visibleAt: this.#clock.now() + this.#visibleAfterMs });
  }

  row(rtId: string, ts: number): Row | undefined {
    const found = this.#written[this.#position({ rtId, ts, values: [] })];
    return found?.rtId === rtId && found.ts === ts ? found : this.history?.row(rtId, ts);
  }

  /** What can be seen now, ready to be counted and cut out of. */
  select(range: RowRange): MergedRows {
    const now = this.#clock.now();
    const written = this.#between(range).filter(
      (row) => row.visibleAt <= now && (!range.rtIds || range.rtIds.has(row.rtId)),
    );
    const compare = compareRows(range.descending);
    if (range.descending) written.sort(compare);
    return new MergedRows(this.history?.select(range) ?? orderedList([]), orderedList(written), compare);
  }

  forgetBefore(ts: number): void {
    this.history?.forgetBefore(ts);
    this.#written.splice(0, this.#position({ rtId: '', ts, values: [] }));
  }

  #between({ from, to }: RowRange): WrittenRow[] {
    const start = this.#position({ rtId: '', ts: from, values: [] });
    return this.#written.slice(start, Math.max(start, this.#position({ rtId: '', ts: to, values: [] })));
  }

  #position(row: Row): number {
    let low = 0;
    let high = this.#written.length;
    const newest = this.#written[high - 1];
    if (newest && ascending(newest, row) < 0) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ascending(this.#written[middle] as Row, row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
