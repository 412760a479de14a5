import { afterEach, describe, expect, it } from '@jest/globals';
import type { ExosenseOptions } from '@tributary/simulators';
import { live } from './living.ts';
import { type Connected, discover, never, pointsBy, type Rig, run, startRig, truthBy } from './rig.ts';

const MINUTE = 60_000;

let rig: Rig;
afterEach(() => rig.stop());

const begin = async (options: ExosenseOptions = {}, settings = {}) => {
  rig = await startRig({ devices: 5, producing: false, historyMs: 120_000, retentionMs: 0, ...options }, settings);
  return rig.through(discover(rig));
};
const poll = (name: string, from?: Parameters<typeof run>[1], connected: Connected = rig) =>
  rig.through(run(connected.adapter.polls?.[name], from));
const telemetry = (from?: Parameters<typeof run>[1]) => poll('telemetry', from);
const truth = () => truthBy(rig.simulator);
type Observations = Awaited<ReturnType<typeof run>>['observations'];
const gapsOf = (observations: Observations) => observations.flatMap((each) => (each.type === 'gap' ? [each.gap] : []));
const countOf = (observations: Observations) =>
  observations.reduce((sum, each) => sum + (each.type === 'points' ? each.points.length : 0), 0);
/** The sweep as it goes on, every ten seconds, for a while. */
async function sweepFor(ms: number, from: Parameters<typeof run>[1]) {
  const all: Observations = [];
  let checkpoint = from;
  for (let passed = 0; passed < ms; passed += 10_000) {
    await rig.pass(10_000);
    const found = await telemetry(checkpoint);
    all.push(...found.observations);
    checkpoint = found.checkpoint ?? checkpoint;
  }
  return { observations: all, checkpoint };
}

describe('assets', () => {
  it('are found page by page, each where it is, with the names of its signals', async () => {
    const devices = await begin({ devices: 23 }, { pageSize: 10 });
    expect(devices).toHaveLength(23);
    expect(devices[0]?.spaces.map(({ name }) => name)).toEqual(['root', 'Customer A', 'Customer A Child 1']);
    expect(Object.values(devices[0]?.properties.signals ?? {})).toContain('Temperature');
  });

  it('are not taken for gone when a listing shifts, nor when one page is missing', async () => {
    await begin({ devices: 40 }, { pageSize: 10 });
    const changes = [{ pointer: '/data/assets/3' }, { pointer: '/data/assets/2' }];
    rig.simulator.faults.add({ kind: 'rewrite', changes }, { operation: 'EXO-06', count: 1, skip: 1 });
    expect(await rig.through(discover(rig))).toHaveLength(40);
    await rig.simulator.actions.run('remove-device', { device: 0 });
    expect(await rig.through(discover(rig))).toHaveLength(39);
  });

  it('are read with all that is to know of them', async () => {
    const [device] = await begin();
    const attributes = await rig.through(
      rig.adapter.attributes?.read(device?.nativeId ?? '', never) ?? Promise.resolve([]),
    );
    const byName = Object.fromEntries((attributes as { name: string; value: unknown }[]).map((a) => [a.name, a.value]));
    expect(byName).toMatchObject({ name: device?.name, groupName: 'Customer A Child 1', state: expect.any(String) });
    expect(Object.values(byName.signals as object)).toContainEqual(
      expect.objectContaining({ name: 'Temperature', unit: 'Cel', valueType: 'numeric' }),
    );
  });
});

describe('telemetry', () => {
  it('brings every point once, with units, and nothing when there is nothing new', async () => {
    await begin();
    const first = await telemetry();
    expect(pointsBy(first.observations)).toEqual(truth());
    expect(countOf(first.observations)).toBe(truth().size);
    const units = first.observations.flatMap((each) =>
      each.type === 'points' ? each.points.map(({ unit }) => unit) : [],
    );
    expect(new Set(units)).toContain('Cel');
    await rig.pass(1_000);
    expect(countOf((await telemetry(first.checkpoint)).observations)).toBe(0);
  });

  it('finds what came late, twice, in the wrong order or was corrected, within the look-back', async () => {
    await begin({ producing: true });
    const first = await telemetry();
    const ways = ['late', 'swapped', 'duplicate', 'corrected'];
    for (const [n, way] of ways.entries())
      await rig.simulator.actions.run('misbehave', { device: n, way, lateMs: 30_000 });
    rig.simulator.production.pause();
    const { observations } = await sweepFor(70_000, first.checkpoint);
    const found = pointsBy([...first.observations, ...observations]);
    expect([...truth()].filter(([key, value]) => JSON.stringify(found.get(key)) !== JSON.stringify(value))).toEqual([]);
  });

  it('finds what came late between two deep looks, however near to the look-back', async () => {
    await begin({ devices: 6, producing: true, cadenceMs: 2_000, historyMs: 180_000 });
    const observations: Observations = [];
    let checkpoint: Awaited<ReturnType<typeof telemetry>>['checkpoint'];
    for (let n = 0; n < 24; n += 1) {
      const found = await telemetry(checkpoint);
      observations.push(...found.observations);
      checkpoint = found.checkpoint;
      if (n < 6) await rig.simulator.actions.run('misbehave', { device: n, way: 'late', lateMs: 56_000 });
      if (n === 16) rig.simulator.production.pause();
      await rig.pass(10_000);
    }
    const found = pointsBy(observations);
    expect([...truth().keys()].filter((key) => !found.has(key))).toEqual([]);
    expect(gapsOf(observations)).toEqual([]);
  });

  it('asks for more until the answer overlaps what is known', async () => {
    const [device] = await begin();
    const first = await telemetry();
    await rig.pass(120_000);
    await rig.simulator.actions.run('burst', { device: device?.nativeId, count: 500, stepMs: 200 });
    const { observations } = await telemetry(first.checkpoint);
    expect(gapsOf(observations)).toEqual([]);
    const found = pointsBy([...first.observations, ...observations]);
    expect([...truth().keys()].filter((key) => !found.has(key))).toEqual([]);
  });

  it(
    'fills by a report what the platform does not answer any more, and keeps the checkpoint back until then',
    async () => {
      const [device] = await begin();
      const first = await telemetry();
      await rig.pass(120_000);
      await rig.simulator.actions.run('burst', { device: device?.nativeId, count: 1_500, stepMs: 50 });
      const second = await telemetry(first.checkpoint);
      expect(countOf(second.observations)).toBeGreaterThan(900);
      expect(second.checkpoint?.sweptUntil).toBeLessThan(rig.simulator.clock.now() - 60_000);
      const later = await sweepFor(60_000, second.checkpoint);
      const all = [...first.observations, ...second.observations, ...later.observations];
      expect(gapsOf(all)).toEqual([]);
      expect(pointsBy(all)).toEqual(truth());
      expect(later.checkpoint?.sweptUntil).toBeGreaterThan(rig.simulator.clock.now() - 75_000);
      expect(rig.simulator.journal.entries({ operation: 'report-file' })).toHaveLength(1);
    },
    MINUTE,
  );

  it(
    'makes a report once more when one fails, and says the gap when that fails too',
    async () => {
      const [device] = await begin();
      await rig.simulator.actions.run('next-report', { outcome: 'failed', count: 2 });
      const first = await telemetry();
      await rig.pass(120_000);
      await rig.simulator.actions.run('burst', { device: device?.nativeId, count: 1_500, stepMs: 50 });
      const { observations, checkpoint } = await sweepFor(90_000, first.checkpoint);
      const gaps = gapsOf(observations);
      expect(gaps.length).toBeGreaterThan(3);
      expect(gaps.every((gap) => gap.device === device?.nativeId && gap.fromMs < gap.toMs)).toBe(true);
      expect(checkpoint?.sweptUntil).toBeGreaterThan(rig.simulator.clock.now() - 75_000);
      // Whatever is missing lies in a gap that was said.
      const found = pointsBy([...first.observations, ...observations]);
      const untold = [...truth().keys()].filter((key) => {
        const [, signal, ts = ''] = key.split('|');
        return (
          !found.has(key) && !gaps.some((g) => g.signal === signal && Number(ts) >= g.fromMs && Number(ts) <= g.toMs)
        );
      });
      expect(untold).toEqual([]);
      expect(rig.simulator.journal.entries({ operation: 'EXO-01:createReport' })).toHaveLength(2);
    },
    MINUTE,
  );

  it('says the gap at once where there are no reports', async () => {
    const [device] = await begin({ schema: { without: ['Mutation.createReport'] } });
    const first = await telemetry();
    await rig.pass(120_000);
    await rig.simulator.actions.run('burst', { device: device?.nativeId, count: 1_500, stepMs: 50 });
    const { observations } = await telemetry(first.checkpoint);
    expect(gapsOf(observations)).toContainEqual(
      expect.objectContaining({ device: device?.nativeId, reason: expect.stringContaining('no reports') }),
    );
  });

  it(
    'goes on after a restart where it was, and fills what was missed meanwhile',
    async () => {
      await begin({ producing: true });
      const first = await telemetry();
      await rig.pass(10 * MINUTE);
      rig.simulator.production.pause();
      const restarted = rig.connect();
      await rig.through(discover(restarted));
      const second = await poll('telemetry', first.checkpoint, restarted);
      expect(gapsOf(second.observations)).toEqual([]);
      const found = pointsBy([...first.observations, ...second.observations]);
      expect([...truth().keys()].filter((key) => !found.has(key))).toEqual([]);
    },
    MINUTE,
  );

  it('keeps what has values when a part of an answer fails, and reads the rest when it can', async () => {
    const devices = await begin();
    await rig.simulator.actions.run('break-asset', { device: devices[1]?.nativeId });
    const first = await telemetry();
    const broken = (key: string) => key.startsWith(devices[1]?.nativeId ?? '');
    expect([...pointsBy(first.observations).keys()].some(broken)).toBe(false);
    expect([...truth().keys()].filter((key) => !broken(key) && !pointsBy(first.observations).has(key))).toEqual([]);
    expect(rig.adapter.limitations?.()).toEqual([expect.stringContaining('1 asset(s) cannot be read')]);
    await rig.simulator.actions.run('break-asset', { device: devices[1]?.nativeId, broken: false });
    const second = await sweepFor(10_000, first.checkpoint);
    expect(pointsBy([...first.observations, ...second.observations])).toEqual(truth());
    expect(rig.adapter.limitations?.()).toEqual([]);
  });

  it('has the last value alone of a signal without history, and says so', async () => {
    const [device] = await begin();
    const signal =
      Object.entries(device?.properties.signals ?? {}).find(([, name]) => name === 'Temperature')?.[0] ?? '';
    await rig.simulator.actions.run('set-history', { device: device?.nativeId, signal, record: false });
    const { observations } = await telemetry();
    expect([...pointsBy(observations).keys()].filter((key) => key.includes(signal))).toHaveLength(1);
    const attributes = await rig.through(
      rig.adapter.attributes?.read(device?.nativeId ?? '', never) ?? Promise.resolve([]),
    );
    expect(attributes.find(({ name }) => name === 'signals')?.value).toMatchObject({ [signal]: { latestOnly: true } });
  });

  it('says that there is none where the schema has no values of signals', async () => {
    await begin({ schema: { without: ['Signal.data'] } });
    expect((await telemetry()).observations).toEqual([]);
    expect(rig.adapter.limitations?.()).toEqual(['the schema of this instance has no values of signals']);
  });

  it('is read for a time by a report, as long as signals go', async () => {
    const [device] = await begin();
    const now = rig.simulator.clock.now();
    const query = { device: device?.nativeId ?? '', fromMs: now - 100_000, toMs: now - 20_000 };
    const points = new Set<string>();
    const read = async () => {
      for await (const page of rig.adapter.telemetry?.history?.(query, never) ?? []) {
        for (const batch of page.items)
          for (const p of batch.points) points.add(`${batch.device}|${p.signal}|${p.tsMs}`);
      }
    };
    await rig.through(read());
    const wanted = [...rig.simulator.truth.points({ device: query.device, from: query.fromMs, to: query.toMs })];
    expect(points).toEqual(new Set(wanted.map((p) => `${p.device}|${p.signal}|${p.ts}`)));
    expect(wanted.length).toBeGreaterThan(20);
  });
});

describe('an answer without figures, or with unknown ones', () => {
  it.each([[{ pointer: '/extensions' }], [{ pointer: '/extensions/cost/credits', value: 5 }]])(
    'is read all the same: %j',
    async (change) => {
      rig = await startRig({ devices: 5, producing: false, retentionMs: 0 });
      rig.simulator.faults.add({ kind: 'rewrite', changes: [change] });
      await rig.through(discover(rig));
      expect(pointsBy((await telemetry()).observations)).toEqual(truth());
    },
  );
});

describe('states and the log', () => {
  it('are told when they change, each once', async () => {
    const [device] = await begin();
    const nativeId = device?.nativeId ?? '';
    const first = await poll('logs');
    await rig.simulator.actions.run('set-rule-state', { device: nativeId, level: 'critical' });
    await rig.pass(1_000);
    const second = await poll('logs', first.checkpoint);
    const events = second.observations.flatMap((each) => (each.type === 'platform-event' ? [each.event] : []));
    expect(events.at(-1)).toMatchObject({ device: nativeId, name: 'device.state', details: { severity: 'critical' } });
    const { observations } = await poll('statuses');
    const own = observations.find((each) => each.type === 'attributes' && each.device === nativeId);
    expect(own).toMatchObject({
      attributes: expect.arrayContaining([{ scope: 'server', name: 'state', value: 'critical' }]),
    });
  });

  it(
    'tell that an asset has fallen silent, and that it is heard again',
    async () => {
      const [device] = await begin({ producing: true }, { statuses: { offlineAfter: '2m' } });
      const living = live(rig, rig);
      await rig.pass(MINUTE);
      await rig.simulator.actions.run('set-online', { device: device?.nativeId, online: false });
      await rig.pass(5 * MINUTE);
      await rig.simulator.actions.run('set-online', { device: device?.nativeId, online: true });
      await rig.pass(2 * MINUTE);
      await living.end();
      const own = living.observations.flatMap((each) =>
        each.type === 'platform-event' && each.event.device === device?.nativeId ? [each.event.name] : [],
      );
      expect(own).toEqual(expect.arrayContaining(['device.offline', 'device.online', 'device.timeout']));
    },
    MINUTE,
  );
});

describe('an instance that does not tell its schema', () => {
  it('is read as far as the vendor documents it', async () => {
    rig = await startRig({ devices: 5, producing: false });
    const body = '{"errors":[{"message":"GraphQL introspection is not allowed"}]}';
    rig.simulator.faults.add(
      { kind: 'status', status: 400, when: 'before', body, contentType: 'application/json' },
      { operation: 'EXO-20' },
    );
    const devices = await rig.through(discover(rig));
    expect(devices).toHaveLength(5);
    expect(devices[0]).toMatchObject({ name: expect.any(String), spaces: [] });
    expect((await telemetry()).observations).toEqual([]);
    expect(rig.adapter.limitations?.()[0]).toContain('does not tell its schema');
  });

  it('is asked again before long: a refusal may pass', async () => {
    rig = await startRig({ devices: 5, producing: false });
    const body = '{"errors":[{"message":"GraphQL introspection is not allowed"}]}';
    rig.simulator.faults.add(
      { kind: 'status', status: 400, when: 'before', body, contentType: 'application/json' },
      { operation: 'EXO-20' },
    );
    await rig.through(discover(rig));
    expect((await telemetry()).observations).toEqual([]);
    rig.simulator.faults.clear();
    await rig.simulator.clock.advance(11 * MINUTE);
    await rig.through(discover(rig));
    expect((await telemetry()).observations.length).toBeGreaterThan(0);
    expect(rig.adapter.limitations?.()).toEqual([]);
  });

  it('because something went wrong there is not taken for one that refuses', async () => {
    rig = await startRig({ devices: 5, producing: false });
    rig.simulator.faults.add(
      { kind: 'status', status: 200, body: { data: null, errors: [{ message: 'internal error' }] } },
      { operation: 'EXO-20', count: 20 },
    );
    const failed = rig.through(discover(rig)).catch((error: unknown) => error);
    expect(await failed).toMatchObject({ code: 'unavailable' });
    rig.simulator.faults.clear();
    await rig.simulator.clock.advance(MINUTE);
    await rig.through(discover(rig));
    expect((await telemetry()).observations.length).toBeGreaterThan(0);
  });
});
