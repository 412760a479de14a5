import type { VendorAnswer } from '@tributary/adapter-kit';
import {
  AuthenticationError,
  InvalidRequestError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitedError,
} from '@tributary/contracts';
import { failure, oauthFailure } from './wire.ts';

/** Codes of a 429, where the platform's words tell which limit it is. */
export const LIMITS = { any: 'limit', database: 'database-limit' } as const;

/** What a status of the API host means; what is absent here the kit decides by status alone. */
export function classify(answer: VendorAnswer): Error | undefined {
  const { status } = answer;
  if (status < 400) return undefined;
  const options = { platformStatus: status };
  const { message } = read(failure, answer);
  switch (status) {
    case 400:
      return new InvalidRequestError(said('MeshyDB refused the request', message), options);
    case 401:
      return new AuthenticationError('MeshyDB refused the token', options);
    case 403:
      return new PermissionDeniedError(said('the user lacks a permission in MeshyDB', message), options);
    case 404:
      return new NotFoundError(said('MeshyDB does not know this', message), options);
    case 429:
      return limited(message);
    default:
      return undefined;
  }
}

/** What a status of the auth host means: it says 400 for everything that it refuses. */
export function classifyLogin(answer: VendorAnswer): Error | undefined {
  const { status } = answer;
  if (status === 429) return limited(read(failure, answer).message);
  if (status !== 400 && status !== 401) return undefined;
  const platformCode = read(oauthFailure, answer).error?.slice(0, 60);
  const words = LOGIN_WORDS[platformCode ?? ''] ?? 'MeshyDB refuses the log-in';
  return new AuthenticationError(words, {
    platformStatus: status,
    ...(platformCode === undefined ? {} : { platformCode }),
  });
}

/** The platform's own description may hold anything, so it is not repeated. */
const LOGIN_WORDS: Record<string, string> = {
  invalid_client: 'MeshyDB does not know the public key in this account and tenant',
  invalid_grant: 'MeshyDB refuses the user name or the password, or the user is no longer active',
  invalid_scope: 'MeshyDB does not grant the client the scope meshy.api offline_access',
  unsupported_grant_type: 'MeshyDB does not offer this way of logging in',
  unauthorized_client: 'MeshyDB does not allow the client to log in this way',
};

/**
 * Quirk: a 429 stands for the limit of calls and for that of the database alike (REST, every operation). Only words that
 * name one of the two tell them apart.
 */
function limited(message = ''): RateLimitedError {
  const database = /database/i.test(message) && !/\bapi\b/i.test(message);
  return new RateLimitedError(
    database ? 'the database of the MeshyDB account is full' : 'MeshyDB: a limit of the account is reached',
    {
      platformStatus: 429,
      platformCode: database ? LIMITS.database : LIMITS.any,
    },
  );
}

/** Error bodies may be JSON, HTML or nothing at all. */
function read<T extends typeof failure | typeof oauthFailure>(schema: T, answer: VendorAnswer): ReturnType<T['parse']> {
  try {
    return schema.parse(JSON.parse(answer.text)) as ReturnType<T['parse']>;
  } catch {
    return {} as ReturnType<T['parse']>;
  }
}

const MAX_WORDS = 200;

const said = (what: string, message: string | undefined): string =>
  message ? `${what}: ${message.slice(0, MAX_WORDS)}` : what;
