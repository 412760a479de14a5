import type { Position } from './fetched-twice.ts';

/** As a service has left it in Postgres. */
export type Checkpoint = Record<string, string | number | boolean>;
/** The checkpoints of one connection, by name. */
export type Checkpoints = ReadonlyMap<string, Checkpoint>;
export type Stands = Omit<Position, 'seq'>;

const HOUR_MS = 3_600_000;

/** A sweep over all devices, or over all assets: one time for all of them. */
export const sweptUntil =
  (name: string) =>
  (checkpoints: Checkpoints): Stands | undefined =>
    standing([checkpoints.get(name)?.sweptUntil]);

/** Documents by their ids, which begin with the second they were made in. */
export function madeUntil(checkpoints: Checkpoints): Stands | undefined {
  const ofMeshes = [...checkpoints].filter(([name]) => name.startsWith('documents'));
  return standing(ofMeshes.map(([, { after }]) => (typeof after === 'string' ? secondOf(after) : undefined)));
}

const secondOf = (id: string): number => Number.parseInt(id.slice(0, 8), 16) * 1_000;

/**
 * A tail with a repair behind it: what lies less than the repair's window before the earlier of them is read again. An
 * outage is on record as a gap of the tail's until the backfill has gone through it, from its newest end.
 */
export function tailAndRepair(checkpoints: Checkpoints): Stands | undefined {
  const [tail = {}, repair = {}, backfill = {}] = ['telemetry', 'repair', 'backfill'].map((name) =>
    checkpoints.get(name),
  );
  const stands = standing([tail.cycle, repair.repairedUntil]);
  const gaps = Object.keys(tail)
    .filter((key) => /^gap\d+\.from$/.test(key))
    .map((key) => ({
      from: tail[key],
      to: tail[key.replace('from', 'to')],
      stream: tail[key.replace('from', 'stream')],
    }));
  const open = gaps.flatMap(({ from, to, stream = '' }) => {
    const until = backfill[`until.${from}-${to}-${stream}`] ?? to;
    return typeof from === 'number' && typeof until === 'number' && from < until ? [{ fromMs: from, toMs: until }] : [];
  });
  return stands && { ...stands, open };
}

/** Streams: nothing is asked for but what an interruption on record has missed, by whole hours. */
export function listenedUntil(checkpoints: Checkpoints): Stands | undefined {
  const parts = [...checkpoints].filter(([name]) => name === 'stream' || name.startsWith('stream/'));
  const stands = standing(parts.map(([, { seenMs }]) => seenMs));
  const open = parts.flatMap(([, { gaps = '' }]) =>
    [...String(gaps).matchAll(/(\d+)-(\d+)/g)].map(([, from, to]) => ({
      fromMs: Math.floor(Number(from) / HOUR_MS) * HOUR_MS,
      toMs: Number(to),
    })),
  );
  return stands && { ...stands, open };
}

function standing(times: readonly unknown[]): Stands | undefined {
  const known = times.filter((time): time is number => typeof time === 'number');
  return known.length > 0 && known.length === times.length ? { untilMs: Math.min(...known), open: [] } : undefined;
}
