import { createHash, randomUUID } from 'node:crypto';
import type { SecureContext } from 'node:tls';
import { type BudgetReport, UnavailableError } from '@tributary/contracts';
import { type Clock, checkedUrl, type Logger, type Metrics } from '@tributary/runtime';
import type { Redis } from 'ioredis';
import { AccessJournal } from './access-journal.ts';
import { type AccessMetrics, accessMetrics } from './access-metrics.ts';
import { type BreakerMode, type BreakerState, type BreakerTurn, LET_GO } from './breakers/breaker.ts';
import { Breakers } from './breakers/breakers.ts';
import { type BudgetLimit, budgetLimits } from './budgets/budget-plan.ts';
import { BudgetReporter } from './budgets/budget-reporter.ts';
import type { BudgetStore } from './budgets/budget-store.ts';
import { LaneGate } from './budgets/lane-gate.ts';
import { MemoryBudgetStore } from './budgets/memory-budget-store.ts';
import { RedisBudgetCounter } from './budgets/redis-budget-counter.ts';
import { SharedBudgetStore } from './budgets/shared-budget-store.ts';
import type {
  ConnectionKit,
  HttpOptions,
  MqttOptions,
  MqttSession,
  TokenSource,
  VendorHttp,
} from './connection-kit.ts';
import type { Manifest } from './contract.ts';
import { Exchange } from './http/exchange.ts';
import { type OperationPolicies, type OperationPolicyOverrides, operationPolicies } from './http/operation-policy.ts';
import { trustOf } from './http/private-ca.ts';
import { Retrier } from './http/retrier.ts';
import { vendorAgent } from './http/vendor-agent.ts';
import { type CallEnd, PipelinedHttp } from './http/vendor-http.ts';
import { each } from './items/each.ts';
import { ItemReader, type RawItem, type SetAside } from './items/items.ts';
import { openMqtt } from './mqtt/open-mqtt.ts';
import { SharedToken } from './tokens/shared-token.ts';
import { TokenKeeper } from './tokens/token-keeper.ts';
import type { TokenStore } from './tokens/token-store.ts';

/** Native ids that `devices()` remembers at most. */
const MAX_DEVICES = 200_000;

export interface ConnectionAccessOptions {
  connectionId: string;
  manifest: Pick<Manifest, 'platform' | 'budgets' | 'inFlight'>;
  log: Logger;
  metrics: Metrics;
  clock: Clock;
  /** Shares budgets between replicas; without it they are counted in this process alone. */
  redis?: Redis;
  /** Prefix of Redis keys: TRIBUTARY_NAMESPACE. */
  namespace?: string;
  /** Replicas of this adapter; divides the budgets while Redis is away. Default 1. */
  replicas?: () => number;
  /** Platform and credential, for connections that share one account; default the connection. */
  budgetKey?: string;
  /** Where tokens that replicas share are kept, by name; without it they are in memory, and this process has its own. */
  sharedTokens?: (name: string) => TokenStore;
  /** Loopback, private networks and plain http are allowed: development and simulators only. */
  allowPrivateAddresses?: boolean;
  /** PEM of an authority that is believed beside those of the process, over HTTPS, MQTT and WebSocket. */
  ca?: string | undefined;
  operationPolicy?: OperationPolicyOverrides;
  /** Called with everything that a breaker of the connection does, also when it is let go. */
  onBreaker?: ((turn: BreakerTurn) => void) | undefined;
  /** What is never told of an address: values of the credentials. */
  hidden?: readonly string[];
  /** Called with the end of every call, and with every item that does not fit. */
  onCall?: ((end: CallEnd) => void) | undefined;
  onSetAside?: ((item: SetAside, raw: RawItem) => void) | undefined;
  /** 0 <= n < 1; for jitter. */
  random?: () => number;
}

/** What the process keeps beside the kit: how the connection's access to its vendor is doing, and its end. */
export interface ConnectionAccess {
  readonly kit: ConnectionKit;
  /** States of the breakers in use, as `connectionHealth.breakers`. */
  breakers(): BreakerState[];
  /** As the answer to `connection.budget`. Never throws because Redis is away. */
  budget(): Promise<BudgetReport>;
  /** Items set aside since the start. */
  setAside(): number;
  /** For how long calls of the connection's own accord have waited; milliseconds, 0 where none does. */
  waits(): { budgetMs: number; answerMs: number };
  readonly lastSuccessAt: string | undefined;
  readonly lastError: AccessJournal['lastError'];
  /** What `kit.devices()` answers from now on: native ids of the last discovery. */
  rememberDevices(nativeIds: Iterable<string>): void;
  /** Forgets tokens and refused log-ins, so that the next call tries now: credentials changed, or a test was asked for. */
  resetTokens(): void;
  /** The connection was removed: tells the platform to forget its tokens. Never rejects. */
  signOut(): Promise<void>;
  /** Ends calls under way, closes sockets and MQTT sessions, lets go of breakers. Calls afterwards fail. */
  close(): Promise<void>;
}

/** Makes the vendor access of one connection. Touches no network. */
export function makeConnectionKit(options: ConnectionAccessOptions): ConnectionAccess {
  return new Access(options);
}

class Access implements ConnectionAccess {
  readonly kit: ConnectionKit;
  readonly #options: ConnectionAccessOptions;
  readonly #metrics: AccessMetrics;
  readonly #policies: OperationPolicies;
  readonly #limits: BudgetLimit[];
  readonly #store: BudgetStore;
  readonly #gate: LaneGate;
  readonly #reporter: BudgetReporter;
  readonly #breakers: Breakers;
  readonly #retrier: Retrier;
  readonly #journal: AccessJournal;
  readonly #items: ItemReader;
  readonly #trust: SecureContext | undefined;
  readonly #agent;
  readonly #tokens = new Map<TokenSource, TokenKeeper>();
  readonly #sharedNames = new Set<string>();
  readonly #closed = new AbortController();
  #devices: readonly string[] = [];

  constructor(options: ConnectionAccessOptions) {
    this.#options = options;
    const { clock, log, manifest } = options;
    const random = options.random ?? Math.random;
    const { platform } = manifest;
    this.#metrics = accessMetrics(options.metrics);
    this.#policies = operationPolicies(options.operationPolicy);
    this.#limits = budgetLimits(manifest.budgets);
    this.#store = budgetStore(options, this.#limits);
    this.#reporter = new BudgetReporter(this.#limits, this.#store, clock);
    this.#gate = new LaneGate({
      store: this.#store,
      limits: this.#limits,
      concurrency: concurrencyOf(this.#policies),
      inFlight: manifest.inFlight,
      clock,
      log,
      onWaited: (lane, ms) => this.#metrics.waited.observe({ platform, lane }, ms / 1_000),
    });
    this.#breakers = new Breakers({
      policies: this.#policies,
      clock,
      random,
      onChange: (turn) => this.#breakerChanged(turn),
    });
    this.#retrier = new Retrier(clock, random, (error) => this.#metrics.retries.inc({ platform, code: error.code }));
    this.#journal = new AccessJournal(clock);
    this.#items = new ItemReader({
      log,
      now: () => clock.monotonicMs(),
      onSetAside: (item, raw) => {
        this.#metrics.setAside.inc({ platform, what: item.what });
        options.onSetAside?.(item, raw);
      },
    });
    this.#trust = trustOf(options.ca);
    this.#agent = vendorAgent({ allowPrivateAddresses: options.allowPrivateAddresses ?? false, trust: this.#trust });
    this.kit = this.#makeKit();
  }

  breakers(): BreakerState[] {
    return this.#breakers.states();
  }

  budget(): Promise<BudgetReport> {
    return this.#reporter.report();
  }

  setAside(): number {
    return this.#items.setAside;
  }

  waits(): { budgetMs: number; answerMs: number } {
    return this.#gate.waits(['live', 'reconcile', 'auth']);
  }

  get lastSuccessAt() {
    return this.#journal.lastSuccessAt;
  }

  get lastError() {
    return this.#journal.lastError;
  }

  rememberDevices(nativeIds: Iterable<string>): void {
    this.#devices = Object.freeze([...nativeIds].slice(0, MAX_DEVICES));
  }

  resetTokens(): void {
    for (const tokens of this.#tokens.values()) tokens.reset();
  }

  async signOut(): Promise<void> {
    await Promise.all([...this.#tokens.values()].map((tokens) => tokens.signOut()));
  }

  async close(): Promise<void> {
    this.#closed.abort(new UnavailableError('the connection has been closed'));
    for (const tokens of this.#tokens.values()) tokens.close();
    this.#breakers.shutdown();
    await this.#agent.destroy();
  }

  #makeKit(): ConnectionKit {
    const { connectionId, log, clock } = this.#options;
    return {
      connectionId,
      log,
      clock,
      http: (options) => this.#http(options),
      mqtt: (options) => this.#mqtt(options),
      items: (schema, list, what, context) => this.#items.read(schema, list, what, context),
      each,
      devices: () => this.#devices,
    };
  }

  #http(options: HttpOptions): VendorHttp {
    const { clock } = this.#options;
    const allowPrivate = this.#options.allowPrivateAddresses ?? false;
    const rules = { secure: ['https:'], plain: ['http:'], allowPrivate };
    const base = checkedUrl(options.baseUrl, rules, "the connection's URL");
    const tokens = options.token && this.#keeperOf(options.token);
    const reported: HttpOptions['reported'] = (answer) => {
      const units = options.reported?.(answer);
      if (units) this.#reporter.reported(units);
      return units;
    };
    const metered: HttpOptions['metered'] = (answer) => {
      const readings = options.metered?.(answer);
      if (readings) this.#reporter.metered(readings);
      return readings;
    };
    const layers = {
      retrier: this.#retrier,
      breakers: this.#breakers,
      gate: this.#gate,
      limits: this.#limits,
      exchange: new Exchange(this.#agent, clock, this.#options.hidden),
      policies: this.#policies,
      clock,
      onEnd: (end: CallEnd) => this.#ended(end),
    };
    return new PipelinedHttp({ ...options, reported, metered }, base, layers, tokens);
  }

  #keeperOf(source: TokenSource): TokenKeeper {
    const known = this.#tokens.get(source);
    if (known) return known;
    const { clock, log } = this.#options;
    const keeper = new TokenKeeper(source, { clock, log, shared: this.#shared(source) });
    this.#tokens.set(source, keeper);
    return keeper;
  }

  /** Throws `RangeError` for two sources of one name: each would take the other's token for its own. */
  #shared({ shared, name = 'default' }: TokenSource): SharedToken | undefined {
    const { clock, log, sharedTokens } = this.#options;
    if (!shared || !sharedTokens) return undefined;
    if (this.#sharedNames.has(name)) throw new RangeError(`two shared tokens of one connection are named ${name}`);
    this.#sharedNames.add(name);
    return new SharedToken({ store: sharedTokens(name), strictly: shared === 'strictly', clock, log });
  }

  /** Sessions end with the connection, whatever the adapter's own signal does. */
  #mqtt(options: MqttOptions): Promise<MqttSession> {
    const { clock } = this.#options;
    const signal = AbortSignal.any([options.signal, this.#closed.signal]);
    const allowPrivateAddresses = this.#options.allowPrivateAddresses ?? false;
    return openMqtt({ ...options, signal }, { allowPrivateAddresses, clock, trust: this.#trust });
  }

  #ended(end: CallEnd): void {
    const { platform } = this.#options.manifest;
    this.#options.onCall?.(end);
    this.#metrics.calls.inc({ platform, operation: end.operation, outcome: end.outcome });
    this.#metrics.duration.observe({ platform, class: end.class }, end.durationMs / 1_000);
    if (end.outcome === 'ok') this.#journal.succeeded();
    else if (end.error) this.#journal.failed(end.error);
  }

  #breakerChanged(turn: BreakerTurn): void {
    const { log, manifest, onBreaker } = this.#options;
    const { class: name, from, state, code, retryAt } = turn;
    this.#metrics.breakers.inc({ platform: manifest.platform, class: name, state });
    this.#count(name, from, -1);
    this.#count(name, state, 1);
    onBreaker?.(turn);
    // Loss and return are each told once; the probes between are not, nor is the end of the breaker.
    if (state === 'open' && from === 'closed')
      log.warn({ class: name, code, retryAt }, 'calls of one class are paused');
    if (state === 'closed' && code !== LET_GO) log.info({ class: name }, 'calls of one class go on');
  }

  #count(name: BreakerState['class'], state: BreakerMode, by: number): void {
    if (state === 'closed') return;
    this.#metrics.breakersNow.inc({ platform: this.#options.manifest.platform, class: name, state }, by);
  }
}

const concurrencyOf = (policies: OperationPolicies) => ({
  auth: policies.auth.concurrency,
  read: policies.read.concurrency,
  command: policies.command.concurrency,
  bulk: policies.bulk.concurrency,
});

function budgetStore(options: ConnectionAccessOptions, limits: BudgetLimit[]): BudgetStore {
  const { redis, clock, log, connectionId, manifest } = options;
  if (!redis) return new MemoryBudgetStore(limits, clock);
  const key = options.budgetKey ?? budgetKeyOf(manifest.platform, connectionId);
  const prefix = `{${options.namespace ?? 'tributary'}:budget:${key}}`;
  // No two alike, also after a restart.
  const replica = randomUUID();
  const counter = new RedisBudgetCounter(redis, clock, prefix, replica, limits);
  return new SharedBudgetStore({ counter, limits, clock, log, replica, replicas: options.replicas ?? (() => 1) });
}

/** Budgets are counted by credential; its key tells nothing of what it stands for. */
export const budgetKeyOf = (platform: string, credential: string): string =>
  createHash('sha256').update(`${platform}\n${credential}`).digest('hex').slice(0, 32);
