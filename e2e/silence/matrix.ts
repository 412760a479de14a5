import type { Fault } from './faults.ts';
import type { SilentHouse } from './silent-house.ts';

/** What was told of a fault on a platform. */
export interface Cell {
  fault: Fault;
  platform: string;
  links: string[];
  /** From the beginning of the fault, or the last point that still came after it, to the word: of the slowest device. */
  cadences: number;
  /** The longest that a device might be silent, and from the beginning of the fault to its last point; seconds. */
  mayBeSilent: number;
  lastPoint: number;
}

/**
 * One for each platform. The word counts when it is on the bus; while the broker is away, when it can be read from the
 * API.
 */
export function cellsOf(
  house: SilentHouse,
  fault: Fault,
  { after, laidMs }: { after: number; laidMs: number },
): Cell[] {
  const told = house.told('device.stale', after);
  return house.names.map((platform) => {
    const own = told.filter(({ event }) => event.platform === platform);
    const took = own.map(({ event, heardMs }) => {
      const wordMs = fault === 'broker' ? Date.parse(event.time) : heardMs;
      return wordMs - Math.max(laidMs, Date.parse(event.data.since));
    });
    return {
      fault,
      platform,
      links: [...new Set(own.map(({ event }) => event.data.cause.link))],
      cadences: Math.max(...took) / house.pace.cadenceMs,
      mayBeSilent: Math.max(...own.map(({ event }) => event.data.staleAfterMs)) / 1_000,
      lastPoint: (Math.max(...own.map(({ event }) => Date.parse(event.data.since))) - laidMs) / 1_000,
    };
  });
}

/** As a table of Markdown. */
export function matrixOf(cells: readonly Cell[], platforms: readonly string[]): string {
  const faults = [...new Set(cells.map(({ fault }) => fault))];
  const lines = faults.map((fault) => {
    const own = platforms.map((platform) => cells.find((cell) => cell.fault === fault && cell.platform === platform));
    return [fault, ...own.map((cell) => (cell ? `${cell.links.join('/')} ${cell.cadences.toFixed(2)}` : '–'))];
  });
  const rows = [['fault', ...platforms], ['---', ...platforms.map(() => '---')], ...lines];
  return rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
}
