import { Connections, CredentialVault, type NewConnection, vaultKeys } from '@tributary/database';
import type * as TributaryMessaging from '@tributary/messaging';
import { Metrics, newId, silentLogger } from '@tributary/runtime';
import { type OchnoSimulator, type Simulator, startOchno, startOpticloud } from '@tributary/simulators';
import { FaultProxy, type ServiceProcess } from '@tributary/testing/harness';
import type { Plan, Rig } from '../rig.ts';

type Library = typeof TributaryMessaging;

const LOSS = 'I1 nothing accepted is lost';
const FREE = { port: 0, mqttPort: 0, controlPort: 0, otherDevices: 0, cadenceMs: 250 };

/** An order to a platform whose queue somebody has deleted; then the adapter makes it again. */
export const missingQueue: Plan = async (rig) => {
  const { Broker } = await rig.module<Library>('messaging');
  const broker = Broker.connect({
    url: rig.backing.rabbitmqUrl,
    namespace: rig.namespace,
    name: 'relay',
    log: silentLogger,
    metrics: new Metrics('relay'),
  });
  rig.defer(() => broker.close());
  await broker.ready();
  const queue = broker.names.adapterCommands('acme');
  let confirmed = false;
  const sent = broker
    .publisher()
    .send(queue, { order: 1 }, { messageId: 'cmd_1' })
    .then(() => {
      confirmed = true;
    });
  // Nobody may say that it is there while its queue is not.
  await rig.until('it is confirmed', async () => confirmed, 1_500);
  broker.assertPlatformQueues('acme');
  await sent;
  const there = await rig.until('the order is in its queue', async () => (await rig.backlog(queue)) === 1, 5_000);
  return there ? [] : [{ invariant: 'I23 what is confirmed is in its queue', seen: 'a confirmed order is nowhere' }];
};

/** The bus hears nothing any more and confirms nothing, some polls go by, the adapter is killed, the bus is back. */
export const killWithDeafBus: Plan = async (rig) => {
  const simulator = await startOpticloud({ ...FREE, devices: 4, signalsPerDevice: 2, historyMs: 1_000 });
  const settings = {
    schedules: { discover: '30s', telemetry: '500ms' },
    telemetry: { lookBack: '500ms', firstLook: '1m' },
  };
  const { wire, adapter } = await flowing(rig, simulator, settings);
  wire.set('upstream', { blackHole: true });
  const polls = simulator.journal.count({ method: 'GET' });
  await rig.until('polls go by', async () => simulator.journal.count({ method: 'GET' }) > polls + 60, 6_000);
  await restart(rig, { wire, adapter, app: 'adapter-opticloud' });
  simulator.production.pause();
  const expected = [...simulator.truth.points()].length;
  const stored = await rig.settled(expected, 45_000);
  return stored < expected
    ? [{ invariant: 'I7 no gap in what is polled', seen: `${expected - stored} of ${expected} points are lost` }]
    : [];
};

/** The bus hears nothing any more, the platform streams on, the adapter is killed, the bus is back. */
export const streamWithDeafBus: Plan = async (rig) => {
  const simulator = await startOchno({ ...FREE, devices: 8, historyMs: 0, portQos: 1, recordUnheard: false });
  const { wire, adapter } = await flowing(rig, simulator, {});
  const before = simulator.broker.acknowledged.length;
  wire.set('upstream', { blackHole: true });
  await rig.until('it acknowledges more', async () => simulator.broker.acknowledged.length > before + 50, 3_000);
  await restart(rig, { wire, adapter, app: 'adapter-ochno' });
  const again = simulator.broker.acknowledged.length;
  await rig.until('it streams again', async () => simulator.broker.acknowledged.length > again + 20);
  simulator.production.pause();
  let missing: string[] = [];
  await rig.until(
    'all that was acknowledged is stored',
    async () => {
      missing = await lostOf(rig, simulator);
      return missing.length === 0;
    },
    10_000,
  );
  const seen = `${missing.length} acknowledged messages are nowhere, such as ${missing[0]}`;
  return missing.length > 0 ? [{ invariant: LOSS, seen }] : [];
};

/** Intake and adapter of a platform, with the broker behind a proxy for the adapter alone; data flows. */
async function flowing(rig: Rig, simulator: Simulator, settings: Record<string, unknown>) {
  rig.defer(() => simulator.stop());
  const { hostname, port } = new URL(rig.backing.rabbitmqUrl);
  const wire = await FaultProxy.start({ host: hostname, port: Number(port || 5672) });
  rig.defer(() => wire.stop());
  await connect(rig, simulator, settings);
  await rig.spawn('telemetry-ingest').ready();
  const { platform } = simulator;
  const env = { RABBITMQ_URL: wire.through(rig.backing.rabbitmqUrl), LEASE_TTL: '3s' };
  const adapter = rig.spawn(`adapter-${platform}`, env);
  await adapter.ready();
  const first = simulator.clock.now();
  const stored = () => rig.count(`series_latest where ts > to_timestamp(${first / 1_000})`);
  if (!(await rig.until('data flows', async () => (await stored()) > 3))) throw new Error('data never flowed');
  return { wire, adapter };
}

async function connect(rig: Rig, { demoConnection }: Simulator, settings: Record<string, unknown>): Promise<void> {
  const vault = new CredentialVault(vaultKeys().parse(rig.env().TRIBUTARY_KEYS));
  const id = newId('con');
  const { platform, credentials } = demoConnection;
  const owner = { workspace: 'default', connectionId: id };
  await new Connections(rig.db).create({
    id,
    workspace: 'default',
    platform,
    name: platform,
    settings: { ...demoConnection.settings, ...settings } as NewConnection['settings'],
    sealed: vault.seal(credentials, owner),
    fingerprint: vault.fingerprint(credentials, owner),
  });
}

async function restart(
  rig: Rig,
  { wire, adapter, app }: { wire: FaultProxy; adapter: ServiceProcess; app: string },
): Promise<void> {
  await adapter.kill();
  wire.cut();
  wire.heal();
  await rig.spawn(app, { LEASE_TTL: '3s' }).ready();
}

/** A message holds at least one point, and all of them have its time. */
async function lostOf(rig: Rig, simulator: OchnoSimulator): Promise<string[]> {
  const { rows } = await rig.db.pool.query<{ key: string }>(
    `select distinct d.native_id || '|' || round(extract(epoch from p.ts) * 1000)::bigint as key
     from point p join series s on s.id = p.series_id join device d on d.id = s.device_id`,
  );
  const stored = new Set(rows.map(({ key }) => key));
  const keys = simulator.broker.acknowledged.map(({ topic, payload }) => {
    const { t } = JSON.parse(payload.toString()) as { t: number };
    return `${topic.split('/').at(-1)}|${t}`;
  });
  return [...new Set(keys)].filter((key) => !stored.has(key));
}
