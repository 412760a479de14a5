import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ask, startStill } from '../../test/exosense-caller.ts';
import { call, dig, list } from '../../test/opticloud-caller.ts';
import { TOKENS } from './accounts.ts';
import type { ExosenseSimulator } from './server.ts';

let sim: ExosenseSimulator;
beforeEach(async () => {
  sim = await startStill({ limits: { requests: 1_000 } });
});
afterEach(() => sim.stop());

const COUNT = '{ assets { id } }';
const UNAUTHORIZED = { errors: [{ message: 'Unauthorized' }] };

const withHeader = (authorization: string | undefined) =>
  call(`${sim.url}/api/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
    body: JSON.stringify({ query: COUNT }),
  });

describe('ExoSense tokens', () => {
  it('EXO-03 takes the scheme Automation alone; what is refused counts against nobody', async () => {
    const refused = [undefined, `Bearer ${TOKENS.admin}`, TOKENS.admin, 'Automation', `automation ${TOKENS.admin}`];
    for (const header of [...refused, `Automation ${TOKENS.admin}x`, `Automation ${TOKENS.admin} x`]) {
      const answer = await withHeader(header);
      expect([header, answer.status, answer.json]).toEqual([header, 401, UNAUTHORIZED]);
    }
    expect(await sim.actions.run('budget', { token: 'admin' })).toEqual({ requests: 0, timeMs: 0 });
    expect((await withHeader(`Automation ${TOKENS.admin}`)).status).toBe(200);
  });

  it('EXO-04 does not expire, until it is revoked, deleted, or all are made worthless', async () => {
    sim.clock.shift(400 * 86_400_000);
    await sim.clock.advance(60_000);
    expect((await ask(sim, COUNT, TOKENS.viewer)).status).toBe(200);
    await sim.actions.run('revoke-token', { token: 'viewer' });
    expect((await ask(sim, COUNT, TOKENS.viewer)).json).toEqual(UNAUTHORIZED);
    await sim.actions.run('revoke-token', { token: TOKENS.viewer, revoked: false });
    expect((await ask(sim, COUNT, TOKENS.viewer)).status).toBe(200);
    const manager = sim.state.accounts.findToken('manager');
    await ask(sim, `mutation { deleteUser(id: "${manager?.id}") { id } }`);
    expect((await ask(sim, COUNT, TOKENS.manager)).status).toBe(401);
    sim.faults.expireTokens();
    for (const token of Object.values(TOKENS)) expect((await ask(sim, COUNT, token)).status).toBe(401);
    await expect(sim.actions.run('revoke-token', { token: 'nobody' })).rejects.toThrow(RangeError);
  });

  it('EXO-04 a role that may not: null, Forbidden and the path, and the rest of the document runs', async () => {
    const [asset] = sim.state.assets();
    const query = `mutation { no: deleteAsset(id: "${asset?.id}") { id } too: inviteUser(email: "a@b.example", role_id: "viewer", group_ids: []) { id } }`;
    const viewer = await ask(sim, query, TOKENS.viewer);
    expect(viewer.status).toBe(200);
    expect(dig(viewer.json, 'data')).toEqual({ no: null, too: null });
    expect(list(viewer.json, 'errors').map((one) => [dig(one, 'message'), dig(one, 'path')])).toEqual([
      ['Forbidden', ['no']],
      ['Forbidden', ['too']],
    ]);
    const manager = await ask(sim, query, TOKENS.manager);
    expect(dig(manager.json, 'data')).toEqual({ no: { id: asset?.id }, too: null });
    expect(dig((await ask(sim, '{ users { id } }', TOKENS.manager)).json, 'errors', 0, 'message')).toBe('Forbidden');
    expect(dig((await ask(sim, '{ currentUser { name type role { id } } }', TOKENS.viewer)).json, 'data')).toEqual({
      currentUser: { name: 'viewer', type: 'automation', role: { id: 'viewer' } },
    });
  });

  it('EXO-04 answers a forbidden mutation with 403 and no data where that is set', async () => {
    await sim.actions.run('set-answers', { forbidden: 'http' });
    const query = `mutation { deleteAsset(id: "${sim.state.assets()[0]?.id}") { id } }`;
    const { status, json } = await ask(sim, query, TOKENS.viewer);
    expect([status, json]).toEqual([403, { errors: [{ message: 'Forbidden' }] }]);
    expect(sim.state.assets()).toHaveLength(12);
    expect((await ask(sim, query, TOKENS.manager)).status).toBe(200);
  });

  it('EXO-05 shows a token its own part of the tree, and nothing tells it of the rest', async () => {
    const names = list((await ask(sim, '{ assets { name } }', TOKENS.customerA)).json, 'data', 'assets');
    expect(names.length).toBeGreaterThan(0);
    for (const one of names) expect(dig(one, 'name')).toMatch(/^Customer A/);
    const groups = list((await ask(sim, '{ groups { name } }', TOKENS.customerA)).json, 'data', 'groups');
    expect(groups.map((one) => dig(one, 'name'))).toEqual(['Customer A', 'Customer A Child 1', 'Customer A Child 2']);
    const foreign = sim.state.assets().find((asset) => !asset.group.name.startsWith('Customer A'));
    const query = `{ asset(id: "${foreign?.id}") { id } assetStatuses(ids: ["${foreign?.id}"]) { id } assets(ids: ["${foreign?.id}"]) { id } }`;
    const { json } = await ask(sim, query, TOKENS.customerA);
    expect(dig(json, 'data')).toEqual({ asset: null, assetStatuses: [], assets: [] });
    expect(dig(json, 'errors', 0, 'message')).toBe('Asset not found');
    await ask(sim, `mutation { deleteAsset(id: "${foreign?.id}") { id } }`, TOKENS.customerA);
    expect(sim.state.asset(foreign?.id ?? '')).toBe(foreign);
  });

  it('EXO-22 answers 403 on everything below the Organization tier', async () => {
    await sim.actions.run('set-answers', { organizationTier: false });
    for (const answer of [await ask(sim, COUNT), await withHeader(undefined), await call(`${sim.url}/reports/x`)]) {
      expect([answer.status, answer.json]).toEqual([403, { errors: [{ message: 'Forbidden' }] }]);
    }
  });
});
