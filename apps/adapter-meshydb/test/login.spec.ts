import { createServer } from 'node:http';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { MemoryTokenStore } from '@tributary/adapter-kit';
import { ManualClock, systemClock } from '@tributary/testing';
import { type Connected, everything, failureOf, never, type Rig, startRig } from './rig.ts';

jest.setTimeout(120_000);

let rig: Rig;
afterEach(() => rig.stop());

const asked = (operation: string, status?: number) =>
  rig.simulator.journal.count({ operation, ...(status === undefined ? {} : { status }) });
const me = async ({ adapter }: Connected) => adapter.users?.current?.(never);

describe('log-in', () => {
  it('MESHY-04 three replicas with tokens of five seconds and refresh tokens that are good once: one log-in', async () => {
    const clock = new ManualClock();
    rig = await startRig({ tokenLifeMs: 5_000, reuse: 'revoke-family', clock: { speed: 0 } });
    const tokens = new MemoryTokenStore(clock);
    const replicas = [1, 2, 3].map(() => rig.connect({ clock, tokens }));
    const pass = async (ms: number) => {
      await Promise.all([clock.advance(ms), rig.simulator.clock.advance(ms)]);
    };
    // Two minutes, in which the replicas ask side by side every second.
    const began = clock.monotonicMs();
    for (let second = 1; second <= 120; second += 1) {
      let open = true;
      const answers = Promise.all(replicas.map(me)).finally(() => {
        open = false;
      });
      // Whoever waits for another replica's renewal waits by the clock.
      while (open) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        await pass(10);
      }
      await answers;
      await pass(Math.max(0, began + second * 1_000 - clock.monotonicMs()));
    }
    expect(asked('MESHY-03')).toBe(1);
    expect(asked('MESHY-04', 400)).toBe(0);
    expect(asked('MESHY-04')).toBeGreaterThan(20);
    expect(asked('MESHY-04')).toBeLessThan(45);
    expect(asked('MESHY-05', 401)).toBeLessThanOrEqual(3);
  });

  it('MESHY-03 a refresh token that is refused is not offered again: one log-in', async () => {
    rig = await startRig();
    await me(rig);
    await rig.simulator.actions.run('revoke', {});
    await me(rig);
    expect(asked('MESHY-04')).toBe(1);
    expect(asked('MESHY-03')).toBe(2);
  });

  it('a user who is shut out is unauthorized, and quiet', async () => {
    rig = await startRig();
    await me(rig);
    await rig.simulator.actions.run('deactivate-user', { username: 'operator' });
    await rig.simulator.actions.run('revoke', {});
    const before = rig.simulator.journal.position;
    for (let i = 0; i < 10; i += 1) expect(await failureOf(me(rig))).toMatchObject({ code: 'authentication' });
    const logins = ['MESHY-03', 'MESHY-04'].map((operation) =>
      rig.simulator.journal.count({ operation, after: before }),
    );
    expect(logins[0]).toBeLessThanOrEqual(1);
    expect(logins[1]).toBeLessThanOrEqual(1);
  });

  it('says what is refused, and repeats no secret', async () => {
    rig = await startRig();
    const { publicKey } = rig.simulator.demoConnection.credentials;
    const wrong = rig.connect({
      credentials: { publicKey: publicKey ?? '', username: 'operator', password: 'not-the-one' },
    });
    const refusal = (await failureOf(wrong.adapter.probe(never))) as Error;
    expect(refusal).toMatchObject({ code: 'authentication', platformCode: 'invalid_grant' });
    expect(JSON.stringify(refusal) + refusal.message).not.toContain('not-the-one');
    const stranger = rig.connect({ credentials: { publicKey: 'pk-nobody', username: 'operator', password: 'x' } });
    expect(await failureOf(stranger.adapter.probe(never))).toMatchObject({ platformCode: 'invalid_client' });
  });

  it('MESHY-10 signs out when the connection is removed: the refresh token is worth nothing', async () => {
    rig = await startRig();
    const tokens = new MemoryTokenStore(systemClock);
    const connected = rig.connect({ tokens });
    await me(connected);
    const last = (await tokens.read())?.value.carry?.refreshToken ?? '';
    expect(last).not.toBe('');
    await connected.access.signOut();
    expect(asked('MESHY-10', 200)).toBe(1);
    const other = rig.connect();
    await me(other);
    const form = new URLSearchParams({
      client_id: rig.simulator.demoConnection.credentials.publicKey ?? '',
      grant_type: 'refresh_token',
      refresh_token: last,
    });
    const answer = await fetch(`${rig.simulator.authUrl}/acme/connect/token`, { method: 'POST', body: form });
    expect(answer.status).toBe(400);
  });

  it('MESHY-02 an anonymous user is registered where that is wished, and only then', async () => {
    rig = await startRig();
    const publicKey = rig.simulator.demoConnection.credentials.publicKey ?? '';
    const credentials = { publicKey, anonymous: 'pump-17' };
    const unwished = rig.connect({ credentials });
    expect(await failureOf(unwished.adapter.probe(never))).toMatchObject({ code: 'authentication' });
    expect(asked('MESHY-02')).toBe(0);
    const wished = rig.connect({ credentials, settings: { registerAnonymous: true } });
    expect(await me(wished)).toMatchObject({ username: 'pump-17', attributes: { anonymous: true } });
    expect(await me(rig.connect({ credentials }))).toMatchObject({ username: 'pump-17' });
    expect(asked('MESHY-02')).toBe(1);
  });

  it('both spellings of the header are sent, and the tenant to both hosts', async () => {
    rig = await startRig();
    const sent: Record<string, string>[] = [];
    const server = createServer((request, response) => {
      sent.push(request.headers as Record<string, string>);
      response.setHeader('content-type', 'application/json');
      const isToken = request.url?.endsWith('/connect/token');
      response.end(JSON.stringify(isToken ? { access_token: 'tok', expires_in: 3600 } : { id: '1', username: 'me' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const other = rig.connect({
      settings: { apiUrl: url, authUrl: url, tenant: 'staging', meshes: [], documents: [] },
    });
    const known = await me(other).finally(() => {
      server.close();
      server.closeAllConnections();
    });
    expect(known).toMatchObject({ username: 'me' });
    expect(sent[0]).toMatchObject({
      tenant: 'staging',
      'content-type': expect.stringContaining('x-www-form-urlencoded'),
    });
    expect(sent[1]).toMatchObject({ tenant: 'staging', authorization: 'Bearer tok', authentication: 'Bearer tok' });
  });

  it('MESHY-07 a token that expires in the middle of work costs one refresh', async () => {
    rig = await startRig();
    const document = Array.from({ length: 250 }, (_, n) => ({ n }));
    await rig.simulator.actions.run('insert-document', { mesh: 'workorder', document });
    const onPage = () => {
      rig.simulator.faults.expireTokens();
    };
    expect(await everything(rig, { limit: 50, onPage })).toHaveLength(250);
    expect(asked('MESHY-03')).toBe(1);
  });
});
