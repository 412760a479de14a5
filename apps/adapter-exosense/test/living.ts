import { type Checkpoint, type Observation, parseDuration } from '@tributary/adapter-kit';
import { adapter } from '../src/adapter.ts';
import type { Connected, Rig } from './rig.ts';

export interface Living {
  observations: Observation[];
  /** Failures of rounds, by part. */
  failures: { part: string; error: unknown }[];
  rounds: Map<string, number>;
  checkpoints: Map<string, Checkpoint>;
  /** Ends what is under way and waits for it. */
  end(): Promise<void>;
}

/** Runs discovery and polls of a connection on their schedules, as its process would, on the rig's clock. */
export function live(rig: Rig, { adapter: own, access }: Connected, schedules: Record<string, string> = {}): Living {
  const stop = new AbortController();
  const living: Omit<Living, 'end'> = { observations: [], failures: [], rounds: new Map(), checkpoints: new Map() };
  const { clock } = rig.simulator;
  const repeat = async (part: string, schedule: string, round: () => Promise<void>) => {
    const times = { ...adapter.manifest.schedules, ...schedules } as Record<string, string>;
    const everyMs = parseDuration(times[schedule] ?? '60s');
    while (!stop.signal.aborted) {
      const began = clock.monotonicMs();
      try {
        await round();
        living.rounds.set(part, (living.rounds.get(part) ?? 0) + 1);
      } catch (error) {
        if (!stop.signal.aborted) living.failures.push({ part, error });
      }
      await clock.sleep(Math.max(100, everyMs - (clock.monotonicMs() - began)), stop.signal).catch(() => undefined);
    }
  };
  const discover = async () => {
    const found: string[] = [];
    for await (const page of own.devices?.discover(stop.signal) ?? []) found.push(...page.items.map((d) => d.nativeId));
    access.rememberDevices(found);
  };
  const poll = (name: string) => async () => {
    for await (const page of own.polls?.[name]?.run(living.checkpoints.get(name), stop.signal) ?? []) {
      living.observations.push(...page.items);
      if (page.checkpoint) living.checkpoints.set(name, page.checkpoint);
    }
  };
  const work = [
    repeat('discover', 'discover', discover),
    ...Object.entries(own.polls ?? {}).map(([name, { schedule }]) => repeat(name, schedule, poll(name))),
  ];
  return {
    ...living,
    end: async () => {
      stop.abort(new Error('the test is over'));
      await rig.through(Promise.all(work).then(() => undefined));
    },
  };
}
