import amqp from 'amqplib';
import Fastify from 'fastify';
import { Redis } from 'ioredis';
import pg from 'pg';
import '../measuring/leave-with-parent.ts';

/** The yardstick of a service's start and memory: the same connections, nothing behind them. */
const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
const redis = new Redis(process.env.REDIS_URL ?? '', { lazyConnect: true });
const app = Fastify();
app.get('/livez', async () => 'ok');

const [broker] = await Promise.all([
  amqp.connect(process.env.RABBITMQ_URL ?? ''),
  client.connect(),
  redis.connect(),
  app.listen({ host: '127.0.0.1', port: 0 }),
]);
await broker.createChannel();
await client.query('select 1');
console.log(JSON.stringify({ msg: 'ready' }));
