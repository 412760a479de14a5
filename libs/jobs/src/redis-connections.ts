import type { Logger } from '@tributary/runtime';
import { Redis, type RedisOptions } from 'ioredis';

const COMMAND_TIMEOUT_MS = 1_000;
const CONNECT_TIMEOUT_MS = 2_000;
const LONGEST_PAUSE_MS = 2_000;

type Settings = Omit<RedisOptions, 'replyMapping'>;

const reconnecting: Settings = {
  connectTimeout: CONNECT_TIMEOUT_MS,
  keepAlive: 5_000,
  maxRetriesPerRequest: null,
  retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 10), LONGEST_PAUSE_MS),
};

/** For producers: fails at once while Redis is away, and within a second when it does not answer. */
export const impatientRedis = (url: string, log: Logger): Redis =>
  open(url, log, {
    ...reconnecting,
    enableOfflineQueue: false,
    commandTimeout: COMMAND_TIMEOUT_MS,
    // What was sent and not answered when the connection broke is the caller's to decide about.
    autoResendUnfulfilledCommands: false,
  });

/** For workers, which wait in Redis for something to happen. */
export const blockingRedis = (url: string, log: Logger): Redis => open(url, log, reconnecting);

function open(url: string, log: Logger, options: Settings): Redis {
  const redis = new Redis(url, options);
  // One line per attempt would fill the log; that Redis is away is told by whoever goes on without it.
  redis.on('error', (error: Error) => log.debug({ err: error }, 'a connection to Redis reports an error'));
  return redis;
}
