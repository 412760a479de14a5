import type { Point } from '@tributary/contracts';
import { fingerprint } from './fingerprint.ts';

/** A point with what is asked of it on its way: computed once, points are many. */
export interface PreparedPoint {
  point: Point;
  /** Stands for value and unit. */
  print: string;
  /** Length as JSON, with its comma. */
  bytes: number;
}

export function preparePoint(point: Point): PreparedPoint {
  const { value, unit } = point;
  const print = typeof value === 'number' ? String(value) : fingerprint(value);
  return {
    point,
    print: unit === undefined ? print : `${print}\u0000${unit}`,
    bytes: Buffer.byteLength(JSON.stringify(point)) + 1,
  };
}
