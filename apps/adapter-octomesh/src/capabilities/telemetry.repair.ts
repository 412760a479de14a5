import type { Checkpoint, Observation, Page, Poll } from '@tributary/adapter-kit';
import { readRows } from './telemetry.rows.ts';
import { observations, type TelemetryOptions } from './telemetry.ts';

/** A repair that has not run for longer than this leaves what lies before to the backfill. */
const LONGEST_MS = 3_600_000;

/**
 * Reads the last minutes again, for rows that came late or were rewritten: from the last repair less the window, for a
 * row that came right after it lies no further back. What has been published already the kit keeps back; a row that came
 * twice with other values goes out again and becomes a revision.
 */
export class Repair implements Poll {
  readonly schedule = 'repair';

  constructor(private readonly options: TelemetryOptions) {}

  async *run(from: Checkpoint | undefined, signal: AbortSignal): AsyncGenerator<Page<Observation>, void, undefined> {
    const { kit, settings, catalogue, reader, gaps } = this.options;
    if (!gaps.begun) return;
    const nowMs = kit.clock.now();
    const toMs = nowMs - settings.visibility;
    const repairedMs = typeof from?.repairedUntil === 'number' ? from.repairedUntil : toMs;
    const windowMs = toMs - settings.repairWindow;
    const sinceMs = Math.min(Math.max(0, toMs - repairedMs), LONGEST_MS);
    // What is read as backfill is not read once more.
    const fromMs = Math.min(windowMs, gaps.readUntil(windowMs - sinceMs));
    const { streams } = await catalogue.plan('reconcile', signal);
    const asked = streams.map((stream) => ({ stream, fromMs, toMs }));
    for await (const pages of readRows(reader, asked, { lane: 'reconcile', signal })) {
      yield { items: observations(pages, 'poll', settings.units) };
    }
    yield { items: [], checkpoint: { repairedUntil: toMs } };
  }
}
