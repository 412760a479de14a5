import type { TrueValue } from '../kit/series-log.ts';
import { compareIds } from './entity-store.ts';
import type { Sliceable } from './paging.ts';

/** What was measured at one entity at one time; values stand in the order of the stream's attributes. */
export interface Row {
  readonly rtId: string;
  /** Milliseconds since 1970 UTC. */
  readonly ts: number;
  readonly values: readonly TrueValue[];
}

export interface RowRange {
  /** All when absent. */
  rtIds?: ReadonlySet<string>;
  from: number;
  /** Exclusive. */
  to: number;
  descending: boolean;
}

/** Rows in the order of their times, equal times in the order of their ids, whatever the direction. */
export const compareRows = (descending: boolean) => {
  const sign = descending ? -1 : 1;
  return (a: Row, b: Row): number => sign * (a.ts - b.ts) || compareIds(a.rtId, b.rtId);
};

export interface OrderedRows {
  readonly length: number;
  at(position: number): Row;
}

export const orderedList = (rows: readonly Row[]): OrderedRows => ({
  length: rows.length,
  at: (position) => rows[position] as Row,
});

const rowAt = (rows: OrderedRows, position: number): Row | undefined =>
  position < rows.length ? rows.at(position) : undefined;

/** Two ordered lists read as one, from any position, without being merged as a whole. */
export class MergedRows implements Sliceable<Row> {
  readonly length: number;

  constructor(
    readonly left: OrderedRows,
    readonly right: OrderedRows,
    readonly compare: (a: Row, b: Row) => number,
  ) {
    this.length = left.length + right.length;
  }

  slice(from: number, to: number): Row[] {
    const end = Math.min(to, this.length);
    if (from >= end) return [];
    const rows: Row[] = [];
    let fromRight = this.#rightAmongFirst(from);
    let fromLeft = from - fromRight;
    let left = rowAt(this.left, fromLeft);
    let right = rowAt(this.right, fromRight);
    while (rows.length < end - from) {
      if (left && (!right || this.compare(left, right) < 0)) {
        rows.push(left);
        left = rowAt(this.left, ++fromLeft);
      } else if (right) {
        rows.push(right);
        right = rowAt(this.right, ++fromRight);
      }
    }
    return rows;
  }

  /** How many of the first `count` come from the right list. */
  #rightAmongFirst(count: number): number {
    let low = Math.max(0, count - this.left.length);
    let high = Math.min(count, this.right.length);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const precedes = this.compare(this.right.at(middle), this.left.at(count - middle - 1)) < 0;
      if (precedes) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
