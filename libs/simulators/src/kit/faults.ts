import {
  type Fault,
  type FaultInput,
  type FaultKind,
  type FaultOf,
  type FaultScope,
  type FaultScopeInput,
  faultSchema,
  scopeSchema,
} from './fault-types.ts';
import { RequestLimiter } from './request-limiter.ts';
import type { ScenarioClock } from './scenario-clock.ts';
import { fractions } from './seeded.ts';
import { matchesPattern } from './text-pattern.ts';

/** What a fault is asked about: one request, or one packet of a streaming session. */
export interface FaultSubject {
  protocol: 'http' | 'mqtt';
  operation?: string | undefined;
  method: string;
  path: string;
  credential?: string | undefined;
}

export interface FaultReport {
  id: string;
  fault: Fault;
  scope: FaultScope;
  /** Requests that matched the scope, and those that were hit. */
  matched: number;
  hits: number;
}

/** Begins something that lasts, and returns how to end it; or does something at once and returns nothing. */
export type FaultHandler<K extends FaultKind> = (fault: FaultOf<K>) => (() => void) | undefined;

interface Rule extends FaultReport {
  next: () => number;
  limiter?: RequestLimiter;
  end: Array<() => void>;
}

/** Faults that are in force. They can be set, and cleared, while the simulator runs. */
export class Faults {
  readonly #clock: ScenarioClock;
  readonly #rules = new Map<string, Rule>();
  readonly #handlers = new Map<FaultKind, FaultHandler<FaultKind>>();
  readonly #underWay = new Set<Promise<unknown>>();
  #count = 0;

  constructor(clock: ScenarioClock) {
    this.#clock = clock;
  }

  /** The simulator says how it does faults that are not about a single request. */
  handle<K extends FaultKind>(kind: K, handler: FaultHandler<K>): void {
    this.#handlers.set(kind, handler as unknown as FaultHandler<FaultKind>);
  }

  /** Returns the id to clear it by. Throws a ZodError when the fault or its scope is not well formed. */
  add(input: FaultInput, scopeInput: FaultScopeInput = {}): string {
    const fault = faultSchema.parse(input);
    const scope = scopeSchema.parse(scopeInput);
    const rule: Rule = {
      id: `fault-${++this.#count}`,
      fault,
      scope,
      matched: 0,
      hits: 0,
      next: fractions(scope.seed),
      end: [],
    };
    if (fault.kind === 'limiter') rule.limiter = new RequestLimiter(fault.requests, fault.perMs);
    const end = this.#handlers.get(fault.kind)?.(fault);
    if (end) rule.end.push(end);
    if (isMomentary(fault)) return rule.id;
    this.#rules.set(rule.id, rule);
    if (scope.forMs !== undefined) rule.end.push(this.#clock.after(scope.forMs, () => this.clear(rule.id)));
    return rule.id;
  }

  /** Clears one, or all. Returns how many there were. */
  clear(id?: string): number {
    const rules = id === undefined ? [...this.#rules.values()] : [this.#rules.get(id)].filter((rule) => !!rule);
    for (const rule of rules) {
      this.#rules.delete(rule.id);
      for (const end of rule.end) end();
    }
    return rules.length;
  }

  list(): FaultReport[] {
    return [...this.#rules.values()].map(({ id, fault, scope, matched, hits }) => ({
      id,
      fault,
      scope,
      matched,
      hits,
    }));
  }

  /** Faults that hit this subject now, in the order in which they were set. Counts are used up by asking. */
  hit(subject: FaultSubject): Fault[] {
    const hits: Fault[] = [];
    for (const rule of this.#rules.values()) {
      if (!inScope(rule.scope, subject)) continue;
      const fault = this.#draw(rule, subject);
      if (fault) hits.push(fault);
    }
    return hits;
  }

  /** What a fault began, or ended, takes a moment: an open door is not shut at once. */
  track(work: Promise<unknown>): void {
    this.#underWay.add(work);
    void work.finally(() => this.#underWay.delete(work));
  }

  /** Resolves when all that was set and cleared so far is in force. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** Everyone's tokens are worthless from now on. */
  expireTokens(): void {
    this.add({ kind: 'expire-tokens' });
  }

  /** Drops all streaming sessions, or those of one client id or device. */
  cutStreams(client?: string): void {
    this.add(client === undefined ? { kind: 'cut-streams' } : { kind: 'cut-streams', client });
  }

  /** Until `clear(id)`, or for so long. */
  outage(mode: 'refuse' | 'close' | 'hang' = 'refuse', forMs?: number): string {
    return this.add({ kind: 'outage', mode }, forMs === undefined ? {} : { forMs });
  }

  #draw(rule: Rule, subject: FaultSubject): Fault | undefined {
    const { scope, fault } = rule;
    rule.matched += 1;
    if (rule.matched <= scope.skip) return undefined;
    if (scope.count !== undefined && rule.hits >= scope.count) return undefined;
    if (scope.probability < 1 && rule.next() >= scope.probability) return undefined;
    if (fault.kind === 'limiter' && rule.limiter) return this.#limit(rule, fault, rule.limiter, subject);
    rule.hits += 1;
    return fault;
  }

  #limit(rule: Rule, fault: FaultOf<'limiter'>, limiter: RequestLimiter, subject: FaultSubject): Fault | undefined {
    const key = fault.by === 'all' ? '' : (subject.credential ?? '');
    const waitMs = limiter.take(key, this.#clock.monotonicMs());
    if (waitMs === 0) return undefined;
    rule.hits += 1;
    return { kind: 'rate-limit', ...(fault.retryAfter ? { retryAfterSeconds: Math.ceil(waitMs / 1000) } : {}) };
  }
}

const isMomentary = (fault: Fault): boolean => fault.kind === 'expire-tokens' || fault.kind === 'cut-streams';

function inScope(scope: FaultScope, subject: FaultSubject): boolean {
  if (scope.protocol && scope.protocol !== subject.protocol) return false;
  if (scope.operation && !matchesPattern(scope.operation, subject.operation ?? '')) return false;
  if (scope.method && !matchesPattern(scope.method, subject.method)) return false;
  if (scope.path && !matchesPattern(scope.path, subject.path)) return false;
  return !scope.credential || scope.credential === subject.credential;
}
