import { request } from 'node:https';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type IotAccess, OchnoCaller, presign, type SigningChoices, startQuiet } from '../../test/ochno-caller.ts';
import { RawMqtt } from '../../test/raw-mqtt.ts';
import { COMPANY_IDS } from './accounts.ts';
import type { OchnoSimulator } from './server.ts';

jest.setTimeout(60_000);

const HOUR = 3_600_000;
const MINUTE = 60_000;
let sim: OchnoSimulator;
let user: OchnoCaller;
let access: IotAccess;
beforeEach(async () => {
  sim = await startQuiet();
  user = await OchnoCaller.logIn(sim);
  access = await user.iotAccess(COMPANY_IDS.tenant);
});
afterEach(() => sim.stop());

const url = (choices: SigningChoices = {}) => presign(access, { now: sim.clock.now(), ...choices });
const refusal = async (dialled: string, subProtocols?: string[]): Promise<string> => {
  try {
    (await RawMqtt.open(sim, dialled, subProtocols)).end();
    return 'opened';
  } catch (error) {
    return (error as Error).message;
  }
};
const FORBIDDEN = 'Unexpected server response: 403';

describe('the door to the stream', () => {
  it('OCHNO-08 opens for a URL that is signed with keys in force', async () => {
    expect(await refusal(url())).toBe('opened');
    expect(sim.journal.entries({ operation: 'OCHNO-08' })).toMatchObject([
      { protocol: 'mqtt', method: 'UPGRADE', path: '/mqtt', status: 101, credential: expect.any(String) },
    ]);
  });

  it.each([
    ['a wrong signature', (right: string) => right.replace(/Signature=./, 'Signature=x')],
    ['an unknown key', (right: string) => right.replace('ASIA', 'ASIB')],
    ['no security token', () => url({ sessionToken: undefined })],
    ['another security token', () => url({ sessionToken: 'other' })],
    ['another service', () => url({ service: 'iotdata' })],
    ['another region', () => url({ region: 'us-east-1' })],
    ['another host', () => url({ host: 'localhost' })],
    ['a date 6 minutes back', () => url({ now: sim.clock.now() - 6 * MINUTE })],
    ['a date 6 minutes ahead', () => url({ now: sim.clock.now() + 6 * MINUTE })],
    ['no query', (right: string) => right.split('?')[0] ?? ''],
  ])('OCHNO-08 answers %s with 403 and no WebSocket', async (_what, spoil) => {
    expect(await refusal(spoil(url()))).toBe(FORBIDDEN);
    expect(sim.journal.entries({ method: 'UPGRADE' })).toMatchObject([{ status: 403, detail: expect.any(String) }]);
  });

  it('OCHNO-08 shuts at the expiry of the keys, and older keys live as long as their own', async () => {
    await sim.clock.advance(HOUR - MINUTE);
    const renewed = await user.iotAccess(COMPANY_IDS.tenant);
    expect(await refusal(url())).toBe('opened');
    await sim.clock.advance(MINUTE);
    expect(await refusal(url())).toBe(FORBIDDEN);
    expect(await refusal(presign(renewed, { now: sim.clock.now() }))).toBe('opened');
    await sim.actions.run('expire-credentials');
    expect(await refusal(presign(renewed, { now: sim.clock.now() }))).toBe(FORBIDDEN);
  });

  it('OCHNO-08 echoes the sub-protocol it is offered, and wants one that it knows', async () => {
    for (const offered of ['mqttv3.1', 'mqtt']) {
      const client = await RawMqtt.open(sim, url(), [offered]);
      expect(client.subProtocol).toBe(offered);
      client.end();
    }
    for (const offered of [[], ['graphql-ws']]) {
      expect(await refusal(url(), offered)).toBe('Unexpected server response: 400');
    }
  });

  it('OCHNO-08 is at /mqtt alone, and knows nothing but WebSockets', async () => {
    expect(await refusal(url().replace('/mqtt?', '/other?'))).toBe('Unexpected server response: 404');
    const status = await new Promise((resolve, reject) => {
      const target = new URL(url().replace('wss:', 'https:'));
      request(target, { ca: sim.ca }, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(404);
  });

  it('OCHNO-12 is closed to who does not trust the authority', async () => {
    const stranger = { ...sim, ca: '' } as OchnoSimulator;
    await expect(RawMqtt.open(stranger, url())).rejects.toThrow(/certificate/);
  });

  it('OCHNO-12 can be made to refuse, to be slow, to drop and to be away', async () => {
    sim.faults.add({ kind: 'status', status: 403 }, { operation: 'OCHNO-08', count: 1 });
    expect(await refusal(url())).toBe(FORBIDDEN);
    sim.faults.add({ kind: 'rate-limit' }, { operation: 'OCHNO-08', count: 1 });
    expect(await refusal(url())).toBe('Unexpected server response: 429');
    sim.faults.add({ kind: 'reset' }, { operation: 'OCHNO-08', count: 1 });
    expect(await refusal(url())).toMatch(/hang up|ECONNRESET/);
    const { id } = (await sim.actions.run('restart-broker', { downMs: 10_000 })) as { id: string };
    expect(await refusal(url())).toMatch(/ECONNREFUSED|^$/);
    expect((await user.get('/api/companies')).status).toBe(200);
    await sim.clock.advance(10_000);
    await sim.faults.settled();
    expect([await refusal(url()), sim.faults.clear(id)]).toEqual(['opened', 0]);
  });
});
