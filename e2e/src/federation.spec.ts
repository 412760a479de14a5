import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Schemas } from '@tributary/client';
import { type MeshydbSimulator, type OctomeshSimulator, startMeshydb, startOctomesh } from '@tributary/simulators';
import { dropTopology, eventually } from '@tributary/testing';
import { Stage } from './stage.ts';

const MINUTE = 60_000;
const METER = 'Industry.Energy/EnergyMeter';
const ORDER = 'workorder';
/** Both platforms evaluate a part of it. */
const FILTER = 'nativeId pr and not (attributes.status eq "open" or attributes.status eq "Maintenance")';

describe('one filter over two platforms', () => {
  let octomesh: OctomeshSimulator;
  let meshydb: MeshydbSimulator;
  let stage: Stage;
  let meters: string;
  let orders: string;

  beforeAll(async () => {
    const ports = { port: 0, controlPort: 0, cadenceMs: MINUTE, historyMs: 0 };
    octomesh = await startOctomesh({ ...ports, identityPort: 0, devices: 30, otherDevices: 0, retentionMs: 0 });
    meshydb = await startMeshydb({ ...ports, authPort: 0, devices: 1, workOrders: 40, changesEveryMs: 0 });
    stage = await Stage.start({
      simulator: octomesh,
      apps: { api: 'api', octomesh: 'adapter-octomesh', meshydb: 'adapter-meshydb' },
    });
    const rarely = { discover: '1h', follow: '1h', entities: '1h' };
    const { settings: mesh, credentials } = meshydb.demoConnection;
    meters = await stage.connect({
      settings: { schedules: { ...rarely, telemetry: '1h', repair: '1h', backfill: '1h' } },
    });
    const body = {
      platform: 'meshydb',
      name: 'Orders',
      settings: { ...mesh, schedules: { ...rarely, documents: '1h' } } as Schemas['Connection']['settings'],
      credentials,
    };
    orders = (await stage.api.post('/v1/connections', { body })).id;
    await eventually('both answer', async () => (await ask({})).meta.complete, { timeoutMs: MINUTE });
  }, 2 * MINUTE);

  afterAll(async () => {
    await stage?.stop();
    await meshydb?.stop();
    if (stage) await dropTopology(stage.backing.rabbitmqUrl, stage.namespace, ['meshydb']);
  }, MINUTE);

  const sources = () => [
    { connectionId: meters, type: METER },
    { connectionId: orders, type: ORDER },
  ];
  const ask = (question: Partial<Schemas['EntityQuestion']>) =>
    stage.api.post('/v1/entities:query', { body: { sources: sources(), ...question } as Schemas['EntityQuestion'] });
  type Answer = Awaited<ReturnType<typeof ask>>;
  const sourceOf = ({ meta }: Answer, id: string) => meta.sources.find(({ connectionId }) => connectionId === id);
  const idsOf = (items: { connectionId?: string; nativeId: string }[]) => items.map(({ nativeId }) => nativeId);

  async function everyPage(question: Partial<Schemas['EntityQuestion']>): Promise<Answer['items']> {
    const items: Answer['items'] = [];
    let cursor: string | undefined;
    do {
      const page = await ask({ ...question, ...(cursor === undefined ? {} : { cursor }) });
      expect(page.meta.complete).toBe(true);
      items.push(...page.items);
      cursor = page.page.nextCursor;
    } while (cursor !== undefined);
    return items;
  }

  it(
    'finds what filtering a full copy finds, with an order and without one',
    async () => {
      const copy = await everyPage({ limit: 1_000 });
      expect(copy).toHaveLength(70);
      const wanted = copy.filter(({ attributes }) => !['open', 'Maintenance'].includes(String(attributes.status)));
      expect(wanted.length).toBeGreaterThan(10);
      expect(wanted.length).toBeLessThan(copy.length);
      const found = await everyPage({ filter: FILTER, limit: 7 });
      expect(idsOf(found).toSorted()).toEqual(idsOf(wanted).toSorted());
      const sorted = await everyPage({ filter: FILTER, limit: 7, sort: '-nativeId' });
      expect(idsOf(sorted)).toEqual(idsOf(wanted).toSorted().toReversed());
    },
    MINUTE,
  );

  it(
    'has cost each platform as many calls as it says',
    async () => {
      // A schedule may call in between: then the numbers of that round say nothing, and the next round is looked at.
      const { counted } = await eventually(
        'nobody else called while the questions were answered',
        async () => {
          const round = await spentOn([{ filter: FILTER }, { limit: 5 }, { limit: 9, sort: 'nativeId' }]);
          expect(round.said).toEqual(round.counted);
          return round;
        },
        { timeoutMs: MINUTE / 2, everyMs: 1_500 },
      );
      expect(counted.octomesh).toBeGreaterThanOrEqual(3);
      expect(counted.meshydb).toBeGreaterThanOrEqual(3);
    },
    MINUTE,
  );

  it(
    'is answered in part while one platform is away, and not at all where all are required',
    async () => {
      const away = meshydb.faults.outage('close');
      const answer = await ask({ filter: 'nativeId sw "6"', limit: 50 });
      expect(answer.meta.complete).toBe(false);
      expect(sourceOf(answer, meters)?.status).toBe('ok');
      expect(sourceOf(answer, orders)).toMatchObject({ status: 'unavailable', items: 0, problem: { status: 503 } });
      await expect(ask({ filter: 'nativeId sw "6"', limit: 50, require: 'all' })).rejects.toMatchObject({
        status: 503,
        code: 'sources-incomplete',
      });
      meshydb.faults.clear(away);
    },
    MINUTE,
  );

  /** Calls that the answers say they have cost, and those that the platforms have counted meanwhile. */
  async function spentOn(questions: Partial<Schemas['EntityQuestion']>[]) {
    const before = { octomesh: octomesh.journal.position, meshydb: meshydb.journal.position };
    const said = { octomesh: 0, meshydb: 0 };
    for (const question of questions) {
      const answer = await ask(question);
      said.octomesh += sourceOf(answer, meters)?.vendorCalls ?? Number.NaN;
      said.meshydb += sourceOf(answer, orders)?.vendorCalls ?? Number.NaN;
    }
    const counted = {
      octomesh: octomesh.journal.position - before.octomesh,
      meshydb: meshydb.journal.position - before.meshydb,
    };
    return { said, counted };
  }
});
