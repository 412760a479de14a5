import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Checkpoint } from '@tributary/adapter-kit';
import { isPlatformError } from '@tributary/contracts';
import { collect, never, pointsBy, type Rig, run, startRig } from './rig.ts';

let rig: Rig;
let devices: string[];

beforeEach(async () => {
  rig = await startRig({ devices: 8, producing: false, retentionMs: 0, historyMs: 1_200_000 }, { pageSize: 10 });
  devices = await rig.discover();
});
afterEach(() => rig.stop());

const truth = () =>
  new Map(
    [...rig.simulator.truth.points()]
      .filter(({ device }) => devices.includes(device))
      .map(({ device, signal, ts, value }) => [`${device}|${signal}|${ts}`, Object.is(value, -0) ? 0 : value]),
  );

/** Runs the telemetry poll as a supervisor would: again from the last checkpoint, until it comes through. */
async function persist() {
  const poll = rig.adapter.polls?.telemetry;
  const found: Awaited<ReturnType<typeof run>>['observations'] = [];
  let checkpoint: Checkpoint | undefined;
  for (let attempt = 0; attempt < 10; attempt++) {
    try {
      for await (const page of poll?.run(checkpoint, never) ?? []) {
        found.push(...page.items);
        checkpoint = page.checkpoint ?? checkpoint;
      }
      if (checkpoint) return pointsBy(found);
    } catch (error) {
      if (!isPlatformError(error)) throw error;
    }
  }
  throw new RangeError('it never came through');
}

describe('a poll on bad days', () => {
  it.each([
    ['tokens that expire in mid-sweep', { kind: 'expire-tokens' as const }, { skip: 5 }],
    [
      'a 429 with Retry-After',
      { kind: 'rate-limit' as const, retryAfterSeconds: 0 },
      { operation: 'OPTI-11', skip: 4, count: 2 },
    ],
    ['a 500, then fine', { kind: 'status' as const, status: 500 }, { operation: 'OPTI-11', skip: 4, count: 2 }],
    [
      'a connection that is cut in mid-answer',
      { kind: 'reset' as const, afterBytes: 50 },
      { operation: 'OPTI-11', skip: 3, count: 1 },
    ],
    ['an answer that is cut short', { kind: 'truncated' as const }, { operation: 'OPTI-11', skip: 3, count: 1 }],
  ])('loses nothing to %s', async (_name, fault, scope) => {
    rig.simulator.faults.add(fault, scope);
    expect(await persist()).toEqual(truth());
  });

  it.each(['garbage', 'html', 'empty', 'null', 'array', 'deep', 'proto', 'huge-number'] as const)(
    'does not move past a device whose answer is %s',
    async (as) => {
      const fault = rig.simulator.faults.add({ kind: 'malformed', as }, { operation: 'OPTI-11', skip: 2, count: 1 });
      const poll = rig.adapter.polls?.telemetry;
      const first = await run(poll);
      rig.simulator.faults.clear(fault);
      // After a restart nothing but the checkpoint is left.
      const second = rig.connect();
      second.access.rememberDevices(devices);
      const again = await run(second.adapter.polls?.telemetry, first.checkpoint);
      expect(pointsBy([...first.observations, ...again.observations])).toEqual(truth());
      expect(({} as Record<string, unknown>).admin).toBeUndefined();
    },
  );

  it('tells which permission is missing and goes on', async () => {
    rig.simulator.faults.add({ kind: 'status', status: 403 }, { path: `*${devices[0]}*` });
    const { checkpoint } = await run(rig.adapter.polls?.telemetry);
    expect(checkpoint).toBeDefined();
    expect(rig.adapter.limitations?.()).toEqual(['telemetry: permission-denied for 1 device(s)']);
  });

  it('says that the Accept header lost its XML', async () => {
    const query = { device: devices[0] ?? '', fromMs: 0, toMs: Date.now(), limit: 100 };
    rig.simulator.faults.add({ kind: 'status', status: 406 }, { operation: 'OPTI-07' });
    const files = await collect(rig.adapter.files?.list?.(query, never) ?? []);
    expect(files.length).toBeGreaterThan(0);
    expect(rig.adapter.limitations?.()).toEqual([expect.stringContaining('files')]);
  });

  it('shows no device token in what it throws, though the path holds one', async () => {
    const secrets = (await rig.simulator.actions.run('devices')) as { token: string }[];
    rig.simulator.faults.add({ kind: 'status', status: 500 }, { operation: 'OPTI-07' });
    const query = { device: devices[0] ?? '', fromMs: 0, toMs: Date.now(), limit: 100 };
    const error: unknown = await collect(rig.adapter.files?.list?.(query, never) ?? []).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'unavailable' });
    const text = `${String(error)} ${JSON.stringify(error)} ${(error as Error).stack}`;
    for (const { token } of secrets) expect(text).not.toContain(token);
  });
});
