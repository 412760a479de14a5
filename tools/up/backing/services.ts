import { userInfo } from 'node:os';
import { type Probe, probePostgres, probeRabbitmq, probeRedis } from './probes.ts';

/** What the house stands on, and how each is found and installed. */
export interface BackingService {
  name: string;
  variable: 'DATABASE_URL' | 'RABBITMQ_URL' | 'REDIS_URL';
  port: number;
  probe: Probe;
  /** Addresses tried on this machine, in order. */
  local: readonly string[];
  /** Address once our docker-compose.yml serves it. */
  compose: { service: string; url: string };
  debian: {
    packages: readonly string[];
    /** Name for `service … start|stop`. */
    unit: string;
    /** Command that lets us in after a fresh install, run as root; must be repeatable. */
    grant?: readonly [string, ...string[]];
    /** Command that ends what stopping the unit leaves behind, where nobody else uses it. */
    afterStop?: readonly [string, ...string[]];
    /** It will not start where the name of this host leads nowhere. */
    needsHostName?: boolean;
    url: string;
    log: string;
  };
}

const DATABASE = 'tributary';
const postgres = (login: string) => `postgres://${login}@127.0.0.1:5432/${DATABASE}`;
/** A body in single quotes: `$$` would be the process id by the time it has passed a shell. */
const ROLE =
  "DO 'BEGIN CREATE ROLE tributary LOGIN CREATEDB PASSWORD ''tributary'';" +
  " EXCEPTION WHEN duplicate_object THEN NULL; END'";

export const backingServices: readonly BackingService[] = [
  {
    name: 'Postgres',
    variable: 'DATABASE_URL',
    port: 5432,
    probe: probePostgres,
    local: [
      ...new Set(['tributary:tributary', 'postgres', 'postgres:postgres', encodeURIComponent(userInfo().username)]),
    ].map(postgres),
    compose: { service: 'postgres', url: postgres('tributary:tributary') },
    debian: {
      packages: ['postgresql'],
      unit: 'postgresql',
      grant: ['su', 'postgres', '-c', `psql --no-psqlrc --quiet --command="${ROLE}"`],
      url: postgres('tributary:tributary'),
      log: '/var/log/postgresql',
    },
  },
  {
    name: 'RabbitMQ',
    variable: 'RABBITMQ_URL',
    port: 5672,
    probe: probeRabbitmq,
    local: ['amqp://guest:guest@127.0.0.1:5672', 'amqp://tributary:tributary@127.0.0.1:5672'],
    compose: { service: 'rabbitmq', url: 'amqp://tributary:tributary@127.0.0.1:5672' },
    debian: {
      packages: ['rabbitmq-server'],
      unit: 'rabbitmq-server',
      needsHostName: true,
      // The port mapper refuses to leave while another node is alive.
      afterStop: ['epmd', '-kill'],
      url: 'amqp://guest:guest@127.0.0.1:5672',
      log: '/var/log/rabbitmq',
    },
  },
  {
    name: 'Redis',
    variable: 'REDIS_URL',
    port: 6379,
    probe: probeRedis,
    local: ['redis://127.0.0.1:6379'],
    compose: { service: 'redis', url: 'redis://127.0.0.1:6379' },
    debian: {
      packages: ['redis-server'],
      unit: 'redis-server',
      url: 'redis://127.0.0.1:6379',
      log: '/var/log/redis',
    },
  },
];
