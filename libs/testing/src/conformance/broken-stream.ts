import { expect } from '@jest/globals';
import { eventually } from '../conditions.ts';
import type { AdapterStage } from './adapter-stage.ts';

const DOWN_MS = 5_000;
/** What was under way, the last look at a quiet stream, and a moment to notice that the door is open again; twice, for a busy machine. */
const SLACK_MS = 20_000;
/** A stream that has broken before is opened ever more slowly, up to this. */
const LONGEST_PAUSE_MS = 60_000;

/** The stream is out of reach for a while, everything else is well: what was produced meanwhile came, or is told of. */
export async function brokenStream(stage: AdapterStage, connection: string, listener: string): Promise<void> {
  const { faults, clock } = stage.simulator;
  const before = stage.bus.gaps().length;
  const beganMs = clock.now();
  const outage = faults.add({ kind: 'outage', mode: 'refuse', listeners: [listener] });
  await faults.settled();
  await eventually('it has been down for a while', () => clock.now() - beganMs > DOWN_MS, { timeoutMs: 30_000 });
  faults.clear(outage);
  await faults.settled();
  const endedMs = clock.now();
  const told = () =>
    stage.bus
      .gaps()
      .slice(before)
      .filter((gap) => gap.connection === connection);
  await eventually('a gap is told', () => told().length > 0, { timeoutMs: LONGEST_PAUSE_MS + 60_000 });
  await stage.complete(60_000);
  for (const { fromMs, toMs } of told()) {
    expect(fromMs).toBeGreaterThan(beganMs - SLACK_MS);
    expect(fromMs).toBeLessThanOrEqual(beganMs + SLACK_MS);
    expect(toMs).toBeLessThan(endedMs + LONGEST_PAUSE_MS + SLACK_MS);
  }
}
