import type { BackingServices } from './house.ts';

/** Where the services are that all tests share; `npm test` has found them and says so in the environment. */
export const sharedBacking: BackingServices = {
  databaseUrl: process.env.DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/tributary',
  rabbitmqUrl: process.env.RABBITMQ_URL ?? 'amqp://guest:guest@127.0.0.1:5672',
  redisUrl: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379',
};
