import type { FailpointName } from '@tributary/runtime/failpoints';
import type { FaultInput, FaultScopeInput } from '@tributary/simulators';
import { BACKINGS, type Fault, type FaultKind, GROUPS, POISONS, type Poison, REPLIES, type Reply } from './faults.ts';
import type { Random } from './random.ts';

/** What a plan may do something to. */
export interface Targets {
  /** Names of processes. */
  services: readonly string[];
  /** Failpoints that a process comes by without being provoked. */
  passes(service: string): readonly FailpointName[];
  platforms: readonly PlatformTarget[];
}

export interface PlatformTarget {
  platform: string;
  /** Answers GraphQL: errors come with status 200. */
  graphql: boolean;
  /** Tokens that expire are renewed without a person. */
  renewsTokens: boolean;
  /** Has sessions that stream. */
  streams: boolean;
  /** Answers that lie about themselves: pages without end, members that are not there. */
  lies: readonly FaultInput[];
}

type Draw = (random: Random, targets: Targets) => Fault;

const lasting = (random: Random) => ({ forPoints: random.whole(2, 10) * 100 });
const service = (random: Random, { services }: Targets) => random.pick(services);
const MINUTE = 60_000;

/** How each kind of fault is drawn. */
export const catalogue: Readonly<Record<FaultKind, Draw>> = {
  kill: (random, targets) => ({ kind: 'kill', service: service(random, targets) }),
  restart: (random, targets) => ({ kind: 'restart', service: service(random, targets) }),
  pause: (random, targets) => ({ kind: 'pause', service: service(random, targets), ...lasting(random) }),
  failpoint: (random, targets) => {
    const name = service(random, targets);
    const place = random.pick(targets.passes(name));
    return { kind: 'failpoint', service: name, place, hit: random.whole(1, 5), ...lasting(random) };
  },
  clock: (random, targets) => ({
    kind: 'clock',
    service: service(random, targets),
    offsetMs: random.pick([-60, -10, -1, 1, 4, 60]) * MINUTE,
    ...lasting(random),
  }),
  'broker-kill': (random) => ({ kind: 'broker-kill', ...lasting(random) }),
  'broker-restart': () => ({ kind: 'broker-restart' }),
  'broker-close-connections': () => ({ kind: 'broker-close-connections' }),
  'broker-alarm': (random) => ({
    kind: 'broker-alarm',
    resource: random.pick(['memory', 'disk'] as const),
    ...lasting(random),
  }),
  'database-stop': (random) => ({ kind: 'database-stop', ...lasting(random) }),
  'database-terminate': () => ({ kind: 'database-terminate' }),
  'database-read-only': (random) => ({ kind: 'database-read-only', ...lasting(random) }),
  'database-full': (random) => ({ kind: 'database-full', ...lasting(random) }),
  'cache-flush': (random) => ({ kind: 'cache-flush', times: random.whole(1, 3) }),
  'cache-kill': (random) => ({ kind: 'cache-kill', ...lasting(random) }),
  'cache-full': (random) => ({ kind: 'cache-full', ...lasting(random) }),
  'lost-reply': (random) => ({
    kind: 'lost-reply',
    reply: random.pick(Object.keys(REPLIES) as Reply[]),
    afterBytes: random.whole(0, 6),
    times: random.whole(1, 3),
  }),
  wire: (random) => ({
    kind: 'wire',
    group: random.pick(GROUPS),
    backing: random.pick(BACKINGS),
    way: random.pick(['latency', 'black-hole', 'reset', 'refuse'] as const),
    ...lasting(random),
  }),
  vendor: (random, { platforms }) => {
    const target = random.pick(platforms);
    const [fault, scope] = random.pick(vendorFaults(target))(random);
    return { kind: 'vendor', platform: target.platform, fault, scope, ...lasting(random) };
  },
  poison: (random) => ({
    kind: 'poison',
    poison: random.pick(Object.keys(POISONS) as Poison[]),
    copies: random.whole(1, 2),
  }),
  'pause-connection': (random, { platforms }) => ({
    kind: 'pause-connection',
    platform: random.pick(platforms).platform,
    ...lasting(random),
  }),
  'edit-connection': (random, { platforms }) => ({
    kind: 'edit-connection',
    platform: random.pick(platforms).platform,
  }),
};

type VendorDraw = (random: Random) => [FaultInput, FaultScopeInput];

const some = (random: Random): FaultScopeInput => ({ count: random.whole(1, 6), skip: random.whole(0, 3) });
const http = { protocol: 'http' } as const;

/** An empty list is left out: nobody can tell that it is not the truth. */
const MALFORMED = ['garbage', 'html', 'empty', 'cut', 'null', 'deep', 'proto', 'huge-number', 'gzip-bomb'] as const;

const answers: readonly VendorDraw[] = [
  (r) => [
    { kind: 'status', status: r.pick([500, 502, 503, 504]) },
    { ...http, ...some(r) },
  ],
  (r) => [
    { kind: 'status', status: 503, when: 'after' },
    { ...http, ...some(r) },
  ],
  (r) => [
    { kind: 'rate-limit', retryAfterSeconds: r.whole(1, 3) },
    { ...http, ...some(r) },
  ],
  (r) => [
    { kind: 'latency', ms: r.whole(200, 2_000), jitterMs: 500 },
    { probability: 0.5, seed: r.whole(1, 99) },
  ],
  (r) => [
    { kind: 'reset', when: r.pick(['before', 'after'] as const) },
    { ...http, ...some(r) },
  ],
  (r) => [
    { kind: 'reset', afterBytes: r.whole(1, 400) },
    { ...http, ...some(r) },
  ],
  (r) => [{ kind: 'truncated' }, { ...http, ...some(r) }],
  (r) => [
    { kind: 'malformed', as: r.pick(MALFORMED) },
    { ...http, ...some(r) },
  ],
  (r) => [
    { kind: 'slow-body', bytesPerSecond: 500 },
    { ...http, ...some(r) },
  ],
  (r) => [{ kind: 'outage', mode: r.pick(['refuse', 'close', 'hang'] as const) }, {}],
];

const graphqlErrors: VendorDraw = (r) => [
  {
    kind: 'status',
    status: 200,
    contentType: 'application/json',
    body: { data: null, errors: [{ message: 'internal error', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] },
  },
  { ...http, path: '*graphql*', ...some(r) },
];

const lie =
  (lies: readonly FaultInput[]): VendorDraw =>
  (r) => [r.pick(lies), { ...http, count: r.whole(5, 30), skip: r.whole(0, 3) }];

/** Everything that can be wrong with this platform. */
function vendorFaults({ graphql, renewsTokens, streams, lies }: PlatformTarget): readonly VendorDraw[] {
  return [
    ...answers,
    ...(lies.length > 0 ? [lie(lies), lie(lies)] : []),
    ...(graphql ? [graphqlErrors, graphqlErrors] : []),
    ...(renewsTokens ? [(): [FaultInput, FaultScopeInput] => [{ kind: 'expire-tokens' }, {}]] : []),
    ...(streams ? [(): [FaultInput, FaultScopeInput] => [{ kind: 'cut-streams' }, {}]] : []),
  ];
}

export const allKinds = Object.keys(catalogue) as FaultKind[];
