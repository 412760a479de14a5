import { ROUND_MS, startLane } from '../ingest/ingest-bench.ts';
import type { Workload } from '../ingest/workload.ts';
import type { Bench } from '../measuring/bench.ts';
import { comparisonTable, efficiency, spreadText } from '../measuring/comparison.ts';
import { alternate, type Contender } from '../measuring/rounds.ts';
import { goOn, standStill } from '../measuring/standstill.ts';

const HOUR_MS = 3_600_000;
const WATCHED = 'with the watch';
const UNWATCHED = 'without';

type Lane = Awaited<ReturnType<typeof startLane>>;

/**
 * The same ingest, direct lane, once with the watch over silent devices and once without. Many devices and series with
 * few points each are the most work that a point can make for it.
 */
export const freshnessBench: Bench = {
  name: 'freshness',
  async run(context) {
    const baseMs = Math.floor(Date.now() / ROUND_MS) * ROUND_MS - 6 * HOUR_MS;
    const shape = { devices: 1_000, signals: 10, readings: 1, messages: context.quick ? 8_000 : 16_000 };
    const workloadOf = (round: number): Workload => ({ ...shape, baseMs: baseMs + round * ROUND_MS });
    const watched = await startLane(context, { name: WATCHED, lane: 'direct' }, workloadOf);
    const env = { FRESHNESS_EVERY: '7d' };
    const unwatched = await startLane(context, { name: UNWATCHED, lane: 'direct', env }, workloadOf);
    try {
      // One of them has the watch over all devices of the database: it must not go its rounds in the other's time.
      const contenders = [alone(watched, unwatched), alone(unwatched, watched)];
      const samples = await alternate(contenders, { rounds: context.quick ? 2 : 8, warmUps: 1, say: context.say });
      const share = spreadText(efficiency(samples, WATCHED, UNWATCHED));
      return { text: `${comparisonTable(samples, 'point')}\n\nWithout over with, by CPU: ${share}.` };
    } finally {
      for (const { stop } of [watched, unwatched]) await stop();
    }
  },
};

const alone = ({ contender }: Lane, other: Lane): Contender => ({
  name: contender.name,
  async run(round) {
    standStill(other.service);
    try {
      return await contender.run(round);
    } finally {
      goOn(other.service);
    }
  },
});
