import { duration, integer, serviceUrl } from '@tributary/runtime';
import { z } from 'zod';

/** Configuration of every service that talks to the broker; spread it into the service's schema. */
export const brokerConfig = {
  RABBITMQ_URL: serviceUrl('amqp', 'amqps')
    .default('amqp://guest:guest@127.0.0.1:5672')
    .describe('Address of RabbitMQ, with user, password and virtual host.'),
  TRIBUTARY_NAMESPACE: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, 'expected up to 40 of a-z, 0-9, _ and -')
    .default('tributary')
    .describe('Begins every exchange, queue and Redis key, so that stages and tests can share a broker.'),
  EVENT_LOG_MAX_AGE: duration()
    .prefault('7d')
    .describe('How long the event log keeps events. Takes effect when the log is first made.'),
  EVENT_LOG_MAX_MB: integer(1, 10_000_000)
    .prefault('5000')
    .describe('Size in megabytes above which the event log forgets its oldest events, whichever comes first.'),
  API_PUBLIC_URL: z
    .url()
    .default('http://127.0.0.1:8080')
    .describe(
      'Address under which callers reach the api; stands in events as that of their schemas, and in the OpenAPI document.',
    ),
};

/** The part of `BrokerOptions` that comes from the environment. */
export const brokerOptions = (config: z.output<z.ZodObject<typeof brokerConfig>>) => ({
  url: config.RABBITMQ_URL,
  namespace: config.TRIBUTARY_NAMESPACE,
  retention: { maxAgeMs: config.EVENT_LOG_MAX_AGE, maxBytes: config.EVENT_LOG_MAX_MB * 1_000_000 },
  schemaBaseUrl: config.API_PUBLIC_URL.replace(/\/+$/, ''),
});
