import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import {
  bounded,
  maintenanceUrl,
  NOTHING_LISTENS,
  probePostgres,
  probeRabbitmq,
  probeRedis,
  rabbitmqTooOld,
  reason,
} from './probes.ts';

/** A port on which nobody listens any more. */
async function deadPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('probes', () => {
  it.each([
    ['Postgres', probePostgres, 'postgres://u:p@127.0.0.1'],
    ['RabbitMQ', probeRabbitmq, 'amqp://u:p@127.0.0.1'],
    ['Redis', probeRedis, 'redis://127.0.0.1'],
  ])('%s: say that nothing listens', async (_name, probe, url) => {
    expect(await probe(`${url}:${await deadPort()}`)).toBe(NOTHING_LISTENS);
  });

  it.each([probePostgres, probeRabbitmq, probeRedis])('never throw, whatever they are given', async (probe) => {
    expect(typeof (await probe('not a url'))).toBe('string');
  });

  it('give up on what connects and then says nothing', async () => {
    const silent = bounded(() => new Promise(() => undefined), 5);
    expect(await silent('')).toBe('it takes connections, but does not answer');
  });

  it('put codes into words, and find the first cause of several', () => {
    expect(reason({ code: '28P01', message: 'x' })).toBe('user or password is wrong');
    expect(reason({ errors: [{ code: 'ECONNREFUSED' }], message: '' })).toBe(NOTHING_LISTENS);
    expect(reason(new Error('some words.'))).toBe('some words');
    expect(reason({})).toBe('no answer');
  });

  it.each([
    ['3.9.29', true],
    ['3.10.0', false],
    ['4.1.2', false],
    ['0', true],
  ])('RabbitMQ %s is too old: %s', (version, tooOld) => {
    expect(rabbitmqTooOld(version) !== undefined).toBe(tooOld);
  });

  it('look for a database’s server where the database itself may not be there yet', () => {
    expect(maintenanceUrl('postgres://u:p@h:5/app?sslmode=require')).toBe(
      'postgres://u:p@h:5/postgres?sslmode=require',
    );
  });
});
