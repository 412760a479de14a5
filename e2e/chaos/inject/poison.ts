import { randomUUID } from 'node:crypto';
import { deviceId } from '@tributary/contracts';
import amqp from 'amqplib';
import { type Fault, POISONS, type Poison } from '../plan/faults.ts';
import type { StagedConnection, World } from '../world/world.ts';
import type { Injection } from './injection.ts';
import { insistently } from './platforms.ts';

const DEPTH = 5_000;
const NATIVE_ID = 'poison';

/** Publishes messages that nobody can store, as a broken or hostile publisher would. */
export async function injectPoison(
  { poison, copies }: Extract<Fault, { kind: 'poison' }>,
  { world, made }: Injection,
): Promise<void> {
  const [connection] = world.connections;
  if (!connection) throw new RangeError('there is no connection');
  for (let copy = 0; copy < copies; copy += 1) {
    const marker = randomUUID();
    // Once for all attempts: the same bytes are parked once.
    const body = bodyOf(poison, connection, marker);
    await insistently(() => publish(world, connection, body));
    made.poison.push({ marker, reason: POISONS[poison] });
  }
}

async function publish(world: World, { workspace, platform, id }: StagedConnection, body: Buffer): Promise<void> {
  const connection = await amqp.connect(world.backings.rabbitmq.url);
  connection.on('error', () => undefined);
  try {
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => undefined);
    const key = `${workspace}.telemetry.observed.${platform.platform}.${id}.${deviceId(id, NATIVE_ID)}`;
    channel.publish(`${world.namespace}.events`, key, body, { persistent: true });
    await channel.waitForConfirms();
  } finally {
    await connection.close().catch(() => undefined);
  }
}

function bodyOf(poison: Poison, connection: StagedConnection, marker: string): Buffer {
  const good = telemetry(connection, marker, '1');
  const event = JSON.parse(good) as Record<string, unknown> & { data: { points: { ts: string }[] } };
  switch (poison) {
    case 'cut json':
      return Buffer.from(good.slice(0, -9));
    case 'not utf-8':
      return Buffer.concat([Buffer.from(good), Buffer.from([0xff, 0xfe])]);
    case 'no event':
      return Buffer.from(JSON.stringify({ marker }));
    case 'number beyond all numbers':
      return Buffer.from(telemetry(connection, marker, '1e999'));
    case 'time that is none':
      for (const point of event.data.points) point.ts = 'yesterday';
      return Buffer.from(JSON.stringify(event));
    case 'too deep':
      return Buffer.from(telemetry(connection, marker, '['.repeat(DEPTH) + ']'.repeat(DEPTH)));
    case 'another connection than its key':
      return Buffer.from(JSON.stringify({ ...event, data: { ...event.data, nativeId: 'another' } }));
    case 'prototype of everything':
      return Buffer.from(`{"__proto__":{"polluted":true},"marker":"${marker}"}`);
  }
}

/** As an adapter publishes it, except that its points are not numbered. */
function telemetry({ id, workspace, platform }: StagedConnection, marker: string, value: string): string {
  const now = new Date().toISOString();
  const device = deviceId(id, NATIVE_ID);
  const event = {
    specversion: '1.0',
    id: randomUUID(),
    source: `/workspaces/${workspace}/connections/${id}`,
    type: 'io.tributary.telemetry.observed.v1',
    subject: device,
    time: now,
    datacontenttype: 'application/json',
    dataschema: 'https://example.com/poison',
    platform: platform.platform,
    connectionid: id,
    origin: 'live',
    data: {
      deviceId: device,
      nativeId: NATIVE_ID,
      rev: '1',
      points: [{ signal: `poison ${marker}`, ts: now, value: '@' }],
    },
  };
  return JSON.stringify(event).replace('"@"', value);
}
