import type { LogTrouble } from './facts.ts';
import type { Invariant } from './invariant.ts';

const MOST_MEMORY_MB = 400;
/** Share of refused requests that is allowed where the counters of all replicas were lost. */
const ALLOWED_SHARE = 0.005;

export const houseInvariants: readonly Invariant[] = [
  {
    id: 'I18',
    promise: 'no platform is asked for more than it allows',
    broken: ({ limits }) =>
      limits
        .filter(({ refused, asked, forgotten }) => refused > (forgotten ? Math.max(1, asked * ALLOWED_SHARE) : 0))
        .map(({ platform, refused, asked }) => `${platform} refused ${refused} of ${asked} requests`),
  },
  {
    id: 'I4-memory',
    promise: `no service ever holds more than ${MOST_MEMORY_MB} MB`,
    broken: ({ memoryMb }) =>
      Object.entries(memoryMb)
        .filter(([, mb]) => mb > MOST_MEMORY_MB)
        .map(([service, mb]) => `${service} held ${mb} MB`),
  },
  {
    id: 'secrets',
    promise: 'no secret stands in a log, an event or a table',
    broken: ({ logs, secretsFound }) => [...logs.leaks, ...secretsFound],
  },
  {
    id: 'log',
    promise: 'whatever is away or broken, no service meets what it did not expect',
    broken: ({ logs }) =>
      logs.troubles
        .filter(isUnexpected)
        .map(({ service, level, type, message }) => `${service} ${level} ${type ?? ''}: ${message.slice(0, 200)}`),
  },
  {
    id: 'liveness',
    promise: 'after everything is healed the house comes to rest',
    broken: ({ stuck }) => [...stuck],
  },
  {
    id: 'campaign',
    promise: 'every fault of the plan was done and ended',
    broken: ({ failedFaults }) => [...failedFaults],
  },
];

const MISTAKES = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'AssertionError', 'ZodError']);

/** That something is away may be said as an error. Our own mistakes, and what no logger wrote, may not be there. */
function isUnexpected({ level, type }: LogTrouble): boolean {
  return level === 'fatal' || type === undefined || MISTAKES.has(type);
}
