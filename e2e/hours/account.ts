import { deviceId } from '@tributary/contracts';
import type { CoverageInterval } from '@tributary/database';
import { compareWithTruth } from '../src/stored-points.ts';
import type { HurriedHouse } from './house.ts';
import type { HurriedPlatform } from './platforms.ts';

export interface Compared {
  /** Produced, not stored, and in a stretch that is said to be complete; or stored and never produced. */
  broken: string[];
  /** Produced, not stored, and in a stretch of which it is said that something is missing in it. */
  told: number;
  produced: number;
}

export type HoleOf = CoverageInterval & { device: string };

const SETTLED = new Set(['complete', 'partial', 'unrecoverable']);

/** What was produced, beside what is stored and what is said of it. */
export class Account {
  readonly #house: HurriedHouse;
  readonly #startMs: number;

  constructor(house: HurriedHouse, startMs: number) {
    this.#house = house;
    this.#startMs = startMs;
  }

  async compare(platform: HurriedPlatform, untilMs: number): Promise<Compared> {
    const { simulator } = platform;
    const { missing, wrong, expected, ...also } = await compareWithTruth(
      this.#house.databaseUrl,
      simulator,
      untilMs,
      this.#connectionOf(platform),
    );
    const invented = strangersIn(also.invented, platform);
    if (missing.length === 0) return { broken: brokenOf([], wrong, invented), told: 0, produced: expected };
    const intervals = await this.intervals(platform, this.#startMs, untilMs);
    const isTold = (key: string) => {
      const [device = '', , ts] = key.split('|');
      const at = intervals.get(device)?.find(({ fromMs, toMs }) => fromMs <= Number(ts) && Number(ts) < toMs);
      return at?.state === 'unrecoverable' || at?.state === 'partial';
    };
    const untold = missing.filter((key) => !isTold(key));
    return { broken: brokenOf(untold, wrong, invented), told: missing.length - untold.length, produced: expected };
  }

  /** By native id. */
  async intervals(platform: HurriedPlatform, fromMs: number, toMs: number): Promise<Map<string, CoverageInterval[]>> {
    const connectionId = this.#connectionOf(platform);
    const natives = platform.simulator.truth.devices();
    const devices = new Map(natives.map((native) => [deviceId(connectionId, native), native]));
    const query = { connectionId, deviceIds: [...devices.keys()], fromMs, toMs };
    const found = await this.#house.coverage.intervals(query);
    return new Map([...found].map(([id, intervals]) => [devices.get(id) ?? id, intervals]));
  }

  /** Stretches that are neither complete nor said to be what they are. */
  async holes(platform: HurriedPlatform, fromMs: number, toMs: number): Promise<HoleOf[]> {
    return [...(await this.intervals(platform, fromMs, toMs))].flatMap(([device, intervals]) =>
      intervals.filter(({ state }) => !SETTLED.has(state)).map((interval) => ({ ...interval, device })),
    );
  }

  /** What has become of a time in which nobody read: complete for every device, said to be what it is, or neither. */
  async fate(platform: HurriedPlatform, fromMs: number, toMs: number): Promise<'repaired' | 'marked' | 'open'> {
    const states = [...(await this.intervals(platform, fromMs, toMs)).values()].flat().map(({ state }) => state);
    if (states.every((state) => state === 'complete')) return 'repaired';
    return states.every((state) => SETTLED.has(state)) ? 'marked' : 'open';
  }

  #connectionOf({ simulator }: HurriedPlatform): string {
    return this.#house.connections.get(simulator.platform) ?? '';
  }
}

/** Share of the time, over all devices, that is complete; 0 to 1. */
export function completeShare(intervals: ReadonlyMap<string, CoverageInterval[]>): number {
  const all = [...intervals.values()].flat();
  const length = (list: readonly CoverageInterval[]) => list.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  return length(all.filter(({ state }) => state === 'complete')) / Math.max(1, length(all));
}

/**
 * Of what is stored and was not produced: that which nothing explains. What holds may be told at a time at which the device
 * has said something else; what it held before it said anything is nobody's.
 */
function strangersIn(invented: readonly string[], { simulator, tellsWhatHolds, standIns }: HurriedPlatform): string[] {
  const points = invented.filter((key) => !standIns?.test(key.split('|')[1] ?? ''));
  if (!tellsWhatHolds || points.length === 0) return points;
  const produced = [...simulator.truth.points()];
  const moments = new Set(produced.map(({ device, ts }) => `${device}|${ts}`));
  const firstMs = produced.reduce((ms, { ts }) => Math.min(ms, ts), Number.POSITIVE_INFINITY);
  return points.filter((key) => {
    const [device, , ts] = key.split('|');
    return Number(ts) >= firstMs && !moments.has(`${device}|${ts}`);
  });
}

const brokenOf = (missing: readonly string[], wrong: readonly string[], invented: readonly string[]): string[] => [
  ...missing.map((key) => `missing ${key}`),
  ...wrong.map((text) => `wrong ${text}`),
  ...invented.map((key) => `never produced ${key}`),
];
