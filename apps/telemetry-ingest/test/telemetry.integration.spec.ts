import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { deviceId } from '@tributary/contracts';
import { IngestRig, untilEqual } from './ingest-rig.ts';

describe('telemetry, end to end', () => {
  let rig: IngestRig;
  beforeEach(async () => {
    rig = await IngestRig.make();
  }, 30_000);
  afterEach(() => rig.remove(), 30_000);

  it.each(['auto', 'queued', 'direct'])(
    'commits 20 000 points once and acknowledges them, lane %s',
    async (lane) => {
      const ingest = await rig.start({ INGEST_LANE: lane });
      const events = Array.from({ length: 400 }, (_, i) => rig.series(`n${i % 40}`, 50, Math.floor(i / 40) * 50));
      await Promise.all(events.map((event) => rig.publish(event)));
      // Every fourth comes twice.
      await Promise.all(events.filter((_, i) => i % 4 === 0).map((event) => rig.publish(event)));
      await untilEqual('settled points', async () => await ingest.metric('ingest_points_total'), 25_000);
      expect(await rig.points()).toBe(20_000);
      expect(await rig.count('(select distinct series_id, ts, number from point) p')).toBe(20_000);
      expect(await ingest.metric('ingest_points_total', { outcome: 'stored' })).toBe(20_000);
      expect(await ingest.metric('ingest_points_total', { outcome: 'duplicate' })).toBe(5_000);
      expect(await ingest.metric('ingest_in_flight_points')).toBe(0);
      expect(await rig.count('parked_message')).toBe(0);
      await ingest.stop();
      expect(await rig.backlog(rig.names.ingestTelemetry)).toBe(0);
    },
    60_000,
  );

  it('keeps devices, attributes, connections and platform events, whatever the order', async () => {
    await rig.start();
    const id = deviceId(rig.connectionId, 'n1');
    const device = (rev: string, name: string) =>
      rig.event('device.updated', { deviceId: id, nativeId: 'n1', rev, name, spaces: [], properties: {} }, id);
    await rig.publish(rig.series('n1', 3));
    await rig.publish(device('20', 'newer'));
    await rig.publish(device('10', 'older'));
    const attribute = { scope: 'client' as const, name: 'fw', value: '1.2' };
    await rig.publish(
      rig.event('attribute.reported', { deviceId: id, nativeId: 'n1', rev: '5', attributes: [attribute] }, id),
    );
    await rig.publish(
      rig.event('connection.connected', { connectionId: rig.connectionId, rev: '7' }, rig.connectionId),
    );
    const ping = { deviceId: id, nativeId: 'n1', name: 'device.ping', ts: '2026-03-29T00:00:00.000Z', details: {} };
    await rig.publish(rig.event('platform-event.observed', ping, id));
    await untilEqual('events', () => rig.count('platform_event'), 1);
    await untilEqual('status', () => rig.count(`connection_status where status = 'connected'`), 1);
    await untilEqual('attributes', () => rig.count(`attribute where value = '"1.2"'`), 1);
    await untilEqual('device', () => rig.count(`device where name = 'newer' and state = 'known'`), 1);
    await untilEqual('points', rig.points, 3);
    expect(await rig.count('parked_message')).toBe(0);
  }, 60_000);

  it('what was published while the service was away is stored when it comes', async () => {
    await rig.publish(rig.series('n1', 10));
    const first = await rig.start();
    await untilEqual('points', rig.points, 10);
    await first.stop();
    await rig.publish(rig.series('n1', 10, 10));
    await rig.start();
    await untilEqual('points', rig.points, 20);
  }, 60_000);
});
