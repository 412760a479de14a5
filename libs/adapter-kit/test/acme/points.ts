import type { AcmeHouse } from './acme-house.ts';

/** Every published point of a connection: `device time` -> its values in the order in which they came. */
export function pointsOf(house: AcmeHouse, connectionId: string): Map<string, number[]> {
  const points = new Map<string, number[]>();
  for (const event of house.of(connectionId, 'telemetry.observed')) {
    const data = event.data as { nativeId: string; points: { ts: string; value: number }[] };
    for (const { ts, value } of data.points) {
      const key = `${data.nativeId} ${ts}`;
      points.set(key, [...(points.get(key) ?? []), value]);
    }
  }
  return points;
}
