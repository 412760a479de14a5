import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Schemas } from '@tributary/client';
import { OCTOMESH_CLIENTS, OCTOMESH_USERS, startOctomesh } from '@tributary/simulators';
import { eventually } from '@tributary/testing';
import { Stage } from './stage.ts';

const MINUTE = 60_000;

const ENTITIES = '/v1/connections/{connectionId}/entities/{type}';
const ENTITY = '/v1/connections/{connectionId}/entities/{type}/{nativeId}';
const RELATION = '/v1/connections/{connectionId}/entities/{type}/{nativeId}/relations/{relation}';

/** Types that no code of ours has ever seen. */
const kit = {
  libraryId: 'Harbour.Operations',
  version: '3.1.0',
  types: [
    { typeId: 'Quay', attributes: [{ name: 'name', type: 'string', isRequired: true }] },
    {
      typeId: 'Crane',
      attributes: [
        { name: 'name', type: 'string', isRequired: true },
        { name: 'state', type: 'enum', enum: 'CraneState', isRequired: true },
        { name: 'liftingCapacity', type: 'decimal' },
      ],
      associations: [
        { name: 'quay', target: 'Quay', multiplicity: 'ZeroOrOne', inboundName: 'cranes' },
        { name: 'loads', target: 'CraneLoad', multiplicity: 'N' },
      ],
    },
    {
      typeId: 'CraneLoad',
      isStream: true,
      valueAttribute: 'load',
      attributes: [
        { name: 'load', type: 'decimal', unit: 't' },
        { name: 'overloaded', type: 'boolean' },
      ],
    },
  ],
  enums: [{ enumId: 'CraneState', values: ['Idle', 'Working', 'Broken'] }],
};
const CRANE = 'Harbour.Operations/Crane';
const QUAY = 'Harbour.Operations/Quay';

describe('a Construction Kit of the customer’s own', () => {
  let stage: Stage;

  beforeAll(async () => {
    const simulator = await startOctomesh({
      identityPort: 0,
      port: 0,
      controlPort: 0,
      devices: 5,
      otherDevices: 0,
      cadenceMs: 1_000,
      historyMs: 5_000,
      retentionMs: 0,
    });
    const settings = {
      deviceTypes: undefined,
      schedules: { discover: '15s', telemetry: '2s', repair: '15s', backfill: '2s', entities: '15s' },
    };
    stage = await Stage.start({ simulator, settings });
    await stage.connect();
  }, 2 * MINUTE);

  afterAll(() => stage?.stop(), MINUTE);

  const at = (type: string) => ({ connectionId: stage.connectionId, type });
  const make = (type: string, attributes: Schemas['EntityDraft']['attributes']) =>
    stage.api.post(ENTITIES, { path: at(type), body: { attributes } });
  const types = () =>
    stage.api.get('/v1/connections/{connectionId}/entity-types', { path: { connectionId: stage.connectionId } });

  it(
    'OCTO-24 is uploaded over the API, and its types are listed without a restart',
    async () => {
      const before = await types();
      expect(before.items.map(({ name }) => name)).not.toContain(CRANE);
      expect(await make('construction-kit', kit)).toMatchObject({ nativeId: 'Harbour.Operations@3.1.0' });
      const { items } = await types();
      expect(items.find(({ name }) => name === CRANE)).toMatchObject({
        readOnly: false,
        schema: { required: ['name', 'state'], properties: { state: { enum: ['Idle', 'Working', 'Broken'] } } },
        relations: [{ name: 'quay', targetTypes: [QUAY] }],
      });
    },
    MINUTE,
  );

  it(
    'OCTO-11 to OCTO-14: its entities are created, queried, related and deleted',
    async () => {
      const quay = await make(QUAY, { name: 'North' });
      const crane = await make(CRANE, { name: 'K1', state: 'Idle', liftingCapacity: 40.5 });
      await make(CRANE, { name: 'K2', state: 'Working', liftingCapacity: 12 });
      const filter = 'attributes.liftingCapacity ge 20 and not (attributes.state eq "Broken")';
      const found = await stage.api.get(ENTITIES, { path: at(CRANE), query: { filter } });
      expect(found.items.map(({ nativeId }) => nativeId)).toEqual([crane.nativeId]);
      expect(found.filter).toEqual({
        pushed: 'attributes.liftingCapacity ge 20',
        evaluatedHere: 'not (attributes.state eq "Broken")',
      });
      const path = { ...at(CRANE), nativeId: crane.nativeId };
      const changed = await stage.api.change(ENTITY, { path }, () => ({ attributes: { state: 'Broken' } }));
      expect(changed.attributes).toMatchObject({ state: 'Broken', liftingCapacity: 40.5 });
      await stage.api.post(RELATION, { path: { ...path, relation: 'quay' }, body: { targets: [quay.nativeId] } });
      const back = { ...at(QUAY), nativeId: quay.nativeId, relation: 'cranes' };
      const onQuay = await stage.api.get(RELATION, { path: back });
      expect(onQuay.items.map(({ nativeId }) => nativeId)).toEqual([crane.nativeId]);
      await expect(make(CRANE, { name: 'K3', state: 'Resting' })).rejects.toMatchObject({
        status: 422,
        detail: expect.stringContaining('state must be one of Idle, Working, Broken'),
      });
      const { etag = '' } = await stage.api.request('get', ENTITY, { path });
      await stage.api.delete(ENTITY, { path, ifMatch: etag });
      await expect(stage.api.get(ENTITY, { path })).rejects.toMatchObject({ status: 404 });
    },
    MINUTE,
  );

  it(
    'its streams are telemetry over the API, beside those that were there before',
    async () => {
      const crane = await make(CRANE, { name: 'K4', state: 'Working' });
      const ts = stage.simulator.clock.now() - 2_000;
      const rows = [{ ts, values: { load: 7.5, overloaded: false } }];
      await stage.simulator.actions.run('produce', {
        device: crane.nativeId,
        stream: 'Harbour.Operations/CraneLoad',
        rows,
      });
      const point = await eventually(
        'the load over the API',
        async () => {
          const items = await stage.api.list('/v1/telemetry/latest').all();
          return items.find(({ signal }) => signal === 'load');
        },
        { timeoutMs: MINUTE },
      );
      expect(point).toMatchObject({ value: 7.5 });
      const settled = await stage.settled(2 * MINUTE);
      expect(settled.missing).toEqual([]);
      stage.simulator.production.resume();
    },
    4 * MINUTE,
  );

  it(
    'OCTO-01: a user logs in through the tenant’s page, and the connection works',
    async () => {
      const connection = await stage.connect({
        name: 'by a user',
        settings: { schedules: { discover: '5m', telemetry: '1m', repair: '5m', backfill: '5m', entities: '5m' } },
        credentials: { clientId: OCTOMESH_CLIENTS.application.id },
      });
      const path = { connectionId: connection };
      const { url } = await stage.api.get('/v1/connections/{connectionId}/oauth/authorize', { path });
      const { username, password } = OCTOMESH_USERS.operator;
      const back = new URL(await signIn(url, { username, password }));
      // The house tells browsers its public address; here it is on a port of the system's choice.
      const answer = await fetch(`${stage.apiUrl}${back.pathname}${back.search}`, {
        headers: { accept: 'application/json' },
      });
      expect(answer.status).toBeLessThan(400);
      await eventually(
        'the connection works',
        async () => (await stage.api.get('/v1/connections/{connectionId}', { path })).status === 'connected',
        { timeoutMs: 2 * MINUTE },
      );
    },
    3 * MINUTE,
  );

  it('no request was one too many', () => {
    expect(stage.simulator.journal.count()).toBeGreaterThan(20);
    expect(stage.simulator.journal.count({ status: 429 })).toBe(0);
  });
});

/** What a browser does with a log-in page: follows redirects, fills the form; answers where it is sent back to. */
async function signIn(url: string, person: Record<string, string>): Promise<string> {
  const page = await fetch(url);
  const html = await page.text();
  const hidden = [...html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)];
  const fields = new URLSearchParams({
    ...Object.fromEntries(hidden.map(([, name, value]) => [name, value])),
    ...person,
  });
  const action = /<form[^>]* action="([^"]+)"/.exec(html)?.[1] ?? '';
  const answer = await fetch(new URL(action, page.url), { method: 'POST', body: fields, redirect: 'manual' });
  return answer.headers.get('location') ?? '';
}
