import { MigrationPendingError } from './database.ts';
import { FenceError } from './fence/workspace-fence.ts';

/**
 * Who is to blame for a failed statement.
 * - `bad-message`: this data cannot be stored, others can.
 * - `environment`: nobody; the database is away, full, read-only or too slow. Keep the data and try again later.
 * - `conflict`: another transaction; trying again at once may well succeed.
 * - `deploy`: our code and the schema do not fit, or our code is wrong. Stop taking data, park nothing.
 */
export type DatabaseFault = 'bad-message' | 'environment' | 'conflict' | 'deploy';

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
]);

/** Exact SQLSTATEs that differ from their class. */
const BY_STATE: Record<string, DatabaseFault> = {
  '40001': 'conflict',
  '40P01': 'conflict',
  // A unique key taken at the same moment, or a parent deleted at the same moment: the retry sees what happened.
  '23505': 'conflict',
  '23503': 'conflict',
  '25006': 'environment',
  '25P03': 'environment',
  '55P03': 'environment',
  '3D000': 'environment',
  '0A000': 'deploy',
  '21000': 'deploy',
};

/** By the first two characters of the SQLSTATE. */
const BY_CLASS: Record<string, DatabaseFault> = {
  '08': 'environment',
  '22': 'bad-message',
  '23': 'bad-message',
  '25': 'environment',
  '28': 'environment',
  '40': 'environment',
  '42': 'deploy',
  '53': 'environment',
  '54': 'bad-message',
  '55': 'environment',
  '57': 'environment',
  '58': 'environment',
  XX: 'environment',
};

const LOST_CONNECTION =
  /connection (terminated|ended|error)|timeout exceeded when trying to connect|client has encountered/i;

/** Judges an error that pg or Prisma threw. What is unknown counts as our own mistake: it stops, and loses nothing. */
export function classifyDatabaseError(error: unknown): DatabaseFault {
  if (error instanceof MigrationPendingError || error instanceof FenceError) return 'deploy';
  if (!(error instanceof Error)) return 'deploy';
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'environment';
  const state = sqlStateOf(error);
  if (state !== undefined) return BY_STATE[state] ?? BY_CLASS[state.slice(0, 2)] ?? 'deploy';
  if (NETWORK.has(codeOf(error) ?? '') || LOST_CONNECTION.test(error.message)) return 'environment';
  if (error instanceof AggregateError)
    return error.errors.length > 0 ? classifyDatabaseError(error.errors[0]) : 'deploy';
  return error.cause === undefined ? 'deploy' : classifyDatabaseError(error.cause);
}

/** The five characters Postgres gave, if this error or what caused it came from Postgres. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = codeOf(error);
  if (code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !/^P\d{4}$/.test(code) && !NETWORK.has(code)) return code;
  const cause = (error as { meta?: { driverAdapterError?: unknown }; cause?: unknown } | undefined) ?? {};
  const inner = cause.meta?.driverAdapterError ?? cause.cause;
  if (typeof inner !== 'object' || inner === null) return undefined;
  const original = (inner as { originalCode?: unknown }).originalCode;
  return typeof original === 'string' && /^[0-9A-Z]{5}$/.test(original) ? original : sqlStateOf(inner);
}

const codeOf = (error: unknown): string | undefined => {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
};
