import type { IrregularShares } from './irregularities.ts';

/** What can be set about every simulator. */
export interface SimulatorOptions {
  host: string;
  /** 0 lets the system choose. */
  controlPort: number;
  /** How often each device sends. */
  cadenceMs: number;
  /** Data that is already there when the simulator starts. */
  historyMs: number;
  /** Older data is forgotten, by the platform and by the ground truth; 0 keeps everything. */
  retentionMs: number;
  /** Whether data is produced by itself from the start. */
  producing: boolean;
  seed: number;
  /** Share of what is sent that comes late, twice, swapped with the next, or is corrected afterwards. */
  irregular: IrregularShares;
  clock: { startAt?: number; speed?: number };
  /** Entries that the journal keeps. */
  journalCapacity: number;
}

/** What is the same for all of them unless it is said. */
export const SHARED_DEFAULTS = {
  host: '127.0.0.1',
  cadenceMs: 10_000,
  producing: true,
  seed: 1,
  irregular: { late: 0.01, duplicate: 0.01, swapped: 0.01, corrected: 0.01 },
  clock: {},
  journalCapacity: 50_000,
} as const satisfies Partial<SimulatorOptions>;
