import { once } from 'node:events';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import awsIot from 'aws-iot-device-sdk';
import { OchnoCaller, startQuiet } from '../../test/ochno-caller.ts';
import { COMPANY_IDS } from './accounts.ts';
import type { OchnoSimulator } from './server.ts';

jest.setTimeout(60_000);

let sim: OchnoSimulator;
// The client signs with the real time.
beforeEach(async () => {
  sim = await startQuiet({ clock: {} });
});
afterEach(() => sim.stop());

it('the npm client of the document connects with the documented credentials, hears ports and dims a lamp', async () => {
  const companyId = COMPANY_IDS.tenant;
  const iotCredentials = await (await OchnoCaller.logIn(sim)).iotAccess(companyId);
  // As the document has it, without a protocol, it would look for certificates.
  expect(() => new awsIot.device({ ...iotCredentials })).toThrow('keyPath');
  const client = new awsIot.device({ ...iotCredentials, protocol: 'wss', websocketOptions: { ca: sim.ca } });
  const closed = once(client, 'close');
  try {
    await once(client, 'connect');
    const subscribed = sim.journal.until({ operation: 'OCHNO-09' });
    client.subscribe(`/ports/${companyId}/#`);
    expect(await subscribed).toMatchObject([{ path: `/ports/${companyId}/#`, status: 0 }]);
    const lamp = sim.scenario.ports.find(
      ({ port, kind }) => kind === 'lamp' && sim.state.placeOf(port).companyId === companyId,
    );
    if (!lamp) throw new Error('no lamp');
    const { locationId, hubId, portId } = sim.state.placeOf(lamp.port);
    const heard = once(client, 'message');
    await sim.actions.run('produce', { device: portId, telemetry: { power: { watt: 12.5 } } });
    const [topic, payload] = (await heard) as [string, Buffer];
    expect(topic).toBe(`/ports/${companyId}/${locationId}/${hubId}/${portId}`);
    expect(JSON.parse(payload.toString())).toEqual({ t: expect.any(Number), power: { watt: 12.5 } });

    const dimmed = once(client, 'message');
    const action = { id: '', data: { portId, device: { lamp: { level: 10 } } } };
    client.publish(`/action/${companyId}///`, JSON.stringify(action));
    const [where, answer] = (await dimmed) as [string, Buffer];
    expect(where).toBe(topic);
    const message = JSON.parse(answer.toString());
    expect(message.device?.lamp ?? message.lamp).toEqual({ level: 10 });
  } finally {
    client.end(true);
    await closed;
  }
});

it('OCHNO-05 the npm client is refused with expired credentials, and let in again with renewed ones', async () => {
  const companyId = COMPANY_IDS.tenant;
  const user = await OchnoCaller.logIn(sim);
  const client = new awsIot.device({
    ...(await user.iotAccess(companyId)),
    protocol: 'wss',
    websocketOptions: { ca: sim.ca },
    baseReconnectTimeMs: 50,
  });
  try {
    await once(client, 'connect');
    await sim.actions.run('expire-credentials');
    await sim.actions.run('evict');
    await sim.journal.until({ method: 'UPGRADE', status: 403 });
    const again = once(client, 'connect');
    const { accessKeyId, secretKey, sessionToken, expiration } = await user.iotAccess(companyId);
    client.updateWebSocketCredentials(accessKeyId, secretKey, sessionToken, expiration);
    await again;
  } finally {
    client.end(true);
  }
});
