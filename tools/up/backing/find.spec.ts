import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { findBacking } from './find.ts';
import { NOTHING_LISTENS, type Probe } from './probes.ts';
import { type BackingService, backingServices } from './services.ts';
import type { Way } from './way.ts';

const { signal } = new AbortController();

/** The real services with a probe that answers from a table; what is not in it has nobody listening. */
const withProbes = (answers: Record<string, string | undefined>): BackingService[] =>
  backingServices.map((service) => {
    const probe: Probe = async (url) => (url in answers ? answers[url] : NOTHING_LISTENS);
    return { ...service, probe };
  });

const local = Object.fromEntries(backingServices.map((s) => [s.local[0] as string, undefined]));

/** A way that starts the services it is named for, and writes down what is asked of it. */
function fakeWay(where: string, able: string[], log: string[]): Way {
  return async (wanted, { onStop }) => {
    log.push(`${where}: ${wanted.map((m) => m.service.name).join(' ')}`);
    onStop(async () => void log.push(`${where} stopped`));
    const can = wanted.filter((m) => able.includes(m.service.name));
    return {
      started: can.map(({ service }) => ({ service, url: `${where}://${service.name}`, where })),
      missing: wanted.filter((m) => !can.includes(m)),
    };
  };
}

beforeEach(() => {
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('where backing services are found', () => {
  it('takes the environment before localhost, and localhost before it starts anything', async () => {
    const log: string[] = [];
    const services = withProbes({ ...local, 'redis://elsewhere:1': undefined });
    const env = { REDIS_URL: 'redis://elsewhere:1' };
    const backing = await findBacking(env, { signal, services, ways: [fakeWay('docker', ['Redis'], log)] });
    expect(backing.urls.REDIS_URL).toBe('redis://elsewhere:1');
    expect(backing.urls.RABBITMQ_URL).toBe('amqp://guest:guest@127.0.0.1:5672');
    expect(backing.found.map((f) => f.where)).toEqual(['localhost:5432', 'localhost:5672', 'from REDIS_URL']);
    expect(log).toEqual([]);
  });

  it('never replaces what the environment names, and names all that is wrong at once, without the secret', async () => {
    const services = withProbes({ ...local, 'postgres://u:hidden@db/x': 'user or password is wrong' });
    const env = { DATABASE_URL: 'postgres://u:hidden@db/x', REDIS_URL: 'redis://nowhere' };
    const found = findBacking(env, { signal, services, ways: [] });
    await expect(found).rejects.toThrow(
      'DATABASE_URL is set, but Postgres cannot be used there: user or password is wrong.\n' +
        `REDIS_URL is set, but Redis cannot be used there: ${NOTHING_LISTENS}.`,
    );
    await expect(found).rejects.not.toThrow(/hidden/);
  });

  it('asks each way for what the one before could not start, and stops all in the end, last first', async () => {
    const log: string[] = [];
    const ways = [fakeWay('docker', ['Redis'], log), fakeWay('debian', ['Postgres', 'RabbitMQ'], log)];
    const backing = await findBacking({}, { signal, services: withProbes({}), ways });
    expect(log).toEqual(['docker: Postgres RabbitMQ Redis', 'debian: Postgres RabbitMQ']);
    expect(backing.found.map((f) => `${f.name} ${f.where}`)).toEqual([
      'Postgres debian',
      'RabbitMQ debian',
      'Redis docker',
    ]);
    await backing.stop();
    expect(log.slice(2)).toEqual(['debian stopped', 'docker stopped']);
  });

  it('stops what it started when something stays missing, and says what to do', async () => {
    const log: string[] = [];
    const services = withProbes({ 'amqp://guest:guest@127.0.0.1:5672': 'RabbitMQ 3.10 or newer is needed' });
    const found = findBacking({}, { signal, services, ways: [fakeWay('docker', ['Postgres', 'Redis'], log)] });
    await expect(found).rejects.toThrow(/RabbitMQ \(localhost:5672\): RabbitMQ 3.10 or newer is needed/);
    await expect(found).rejects.toThrow(/apt-get install rabbitmq-server\n/);
    expect(log.at(-1)).toBe('docker stopped');
  });

  it('stops what it started when it is interrupted', async () => {
    const log: string[] = [];
    const controller = new AbortController();
    const interrupted: Way = async (wanted, options) => {
      controller.abort(new Error('Ctrl-C'));
      return fakeWay('docker', ['Postgres', 'RabbitMQ', 'Redis'], log)(wanted, options);
    };
    const options = { signal: controller.signal, services: withProbes({}), ways: [interrupted] };
    await expect(findBacking({}, options)).rejects.toThrow('Ctrl-C');
    expect(log.at(-1)).toBe('docker stopped');
  });
});
