import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type FakePrograms, fakePrograms } from '../fake-programs.ts';
import { viaCompose } from './compose.ts';
import { viaDebian } from './debian.ts';
import { NOTHING_LISTENS } from './probes.ts';
import { type BackingService, backingServices } from './services.ts';
import type { Missing, Way } from './way.ts';

let programs: FakePrograms | undefined;
afterEach(() => {
  programs?.remove();
  jest.restoreAllMocks();
});

/** A service that answers once a fake program has left its mark. */
function service(name: string, mark = 'up'): BackingService {
  const real = backingServices.find((s) => s.name === name) as BackingService;
  const probe = async () => (existsSync(join(programs?.folder ?? '', mark)) ? undefined : NOTHING_LISTENS);
  return { ...real, probe, debian: { ...real.debian, needsHostName: false } };
}

const absent = (name: string): Missing => ({ service: service(name), problems: [NOTHING_LISTENS] });
const taken = (name: string): Missing => ({ service: service(name), problems: ['user or password is wrong'] });

async function go(way: Way, wanted: Missing[], bodies: Record<string, string>) {
  const made = fakePrograms(bodies);
  programs = made;
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const stops: (() => Promise<void>)[] = [];
  const { signal } = new AbortController();
  const result = await way(wanted, { env: made.env, signal, onStop: (stop) => stops.push(stop) });
  return { ...result, stops, calls: made.calls };
}

const mark = 'touch "$(dirname "$0")/up"';

describe('docker compose', () => {
  it('starts what is missing, waits until it answers, and stops just that', async () => {
    const { started, missing, stops, calls } = await go(viaCompose, [absent('RabbitMQ'), absent('Redis')], {
      docker: `[ "$2" = up ] && ${mark}; exit 0`,
    });
    expect(missing).toEqual([]);
    expect(started.map((s) => s.url)).toEqual(['amqp://tributary:tributary@127.0.0.1:5672', 'redis://127.0.0.1:6379']);
    await stops[0]?.();
    expect(calls()).toEqual([
      'docker info',
      'docker compose up --detach --wait rabbitmq redis',
      'docker compose stop rabbitmq redis',
    ]);
  });

  it('starts nothing where the program is there but no engine answers', async () => {
    const wanted = [absent('Redis')];
    const { missing, stops, calls } = await go(viaCompose, wanted, {
      docker: 'echo "Cannot connect to the Docker daemon" >&2; exit 1',
    });
    expect(missing).toEqual(wanted);
    expect(stops).toEqual([]);
    expect(calls()).toEqual(['docker info']);
  });

  it('leaves alone a port that another program has', async () => {
    const wanted = [taken('Postgres')];
    const { missing, calls } = await go(viaCompose, wanted, { docker: 'exit 0' });
    expect(missing).toEqual(wanted);
    expect(calls()).toEqual([]);
  });

  it('hands back why it failed, and how to stop what may be half started', async () => {
    const { started, missing, stops } = await go(viaCompose, [absent('Redis')], {
      docker: '[ "$1" = info ] && exit 0; echo "pull access denied"; exit 1',
    });
    expect(started).toEqual([]);
    expect(missing[0]?.problems).toEqual(['docker compose did not start it: pull access denied']);
    expect(stops).toHaveLength(1);
  });
});

describe('Debian packages', () => {
  const asRoot = () => jest.spyOn(process, 'getuid').mockReturnValue(0);
  const debian = { 'apt-get': 'exit 0', dpkg: 'exit 1', su: 'exit 0', service: mark, epmd: 'exit 0' };

  it('are installed, started, entered, and stopped again', async () => {
    asRoot();
    const { started, missing, stops, calls } = await go(viaDebian, [absent('Postgres'), absent('RabbitMQ')], debian);
    expect(missing).toEqual([]);
    expect(started.map((s) => s.where)).toEqual(['Debian packages', 'Debian packages']);
    for (const stop of stops) await stop();
    expect(calls().map((call) => call.replace(/ DO .*/, ' …'))).toEqual([
      'apt-get --version',
      'dpkg -s postgresql rabbitmq-server',
      'apt-get update -q',
      'apt-get install -y -q --no-install-recommends postgresql rabbitmq-server',
      'service postgresql start',
      expect.stringMatching(/^su postgres -c psql .*DO 'BEGIN CREATE ROLE tributary/),
      'service rabbitmq-server start',
      'service postgresql stop',
      'service rabbitmq-server stop',
      'epmd -kill',
    ]);
  });

  it('let us into a Postgres that somebody runs, and never stop it', async () => {
    asRoot();
    const bodies = { ...debian, dpkg: 'echo "Status: install ok installed"', su: mark };
    const { started, stops, calls } = await go(viaDebian, [taken('Postgres')], bodies);
    expect(started).toHaveLength(1);
    expect(stops).toEqual([]);
    expect(calls().some((call) => call.startsWith('service') || call.includes('install -y'))).toBe(false);
  });

  it('say why they could not be installed, and start nothing then', async () => {
    asRoot();
    const bodies = {
      ...debian,
      'apt-get': '[ "$1" = install ] && echo "E: Unable to locate package" && exit 100; exit 0',
    };
    const { missing, calls } = await go(viaDebian, [absent('Redis')], bodies);
    expect(missing[0]?.problems).toEqual(['apt-get could not install redis-server: E: Unable to locate package']);
    expect(calls().some((call) => call.startsWith('service'))).toBe(false);
  });

  it('are nothing for who is not root', async () => {
    jest.spyOn(process, 'getuid').mockReturnValue(1000);
    const wanted = [absent('Redis')];
    const { missing, calls } = await go(viaDebian, wanted, debian);
    expect(missing).toEqual(wanted);
    expect(calls()).toEqual([]);
  });
});
