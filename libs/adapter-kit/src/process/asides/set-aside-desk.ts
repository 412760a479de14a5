import { createHash } from 'node:crypto';
import type { ParkedProblem, SetAsideItem } from '@tributary/contracts';
import { parkedItemOwner } from '@tributary/database';
import { type Clock, type Counter, type Logger, type Metrics, redactText } from '@tributary/runtime';
import type { Vault } from '../ports.ts';
import { type WrittenItem, writtenItem } from './item-text.ts';

/** Something that a connection brought and that cannot be published. */
export interface Aside {
  /** What the adapter calls such items. */
  what: string;
  reason: SetAsideItem['reason'];
  problems: readonly ParkedProblem[];
  item: unknown;
  /** What is needed to read the item by itself, such as the topic it came on. */
  context?: Record<string, string> | undefined;
  device?: string | undefined;
}

export interface AsideOf {
  workspace: string;
  platform: string;
  id: string;
}

/** Where what is set aside is kept, so that somebody can look at it and have it read again. */
export interface Asides {
  /** Waits for nothing and never throws. */
  take(connection: AsideOf, aside: Aside): void;
  /** Values that must not be shown of this connection. */
  knowSecrets(connectionId: string, secrets: readonly string[]): void;
  /** Resolves once all that was taken of this connection is with the bus, or given up. */
  settled(connectionId: string): Promise<void>;
}

export interface SetAsideDeskOptions {
  vault: Pick<Vault, 'seal'>;
  /** Resolves once the bus has it. */
  send(item: SetAsideItem): Promise<void>;
  /** Items of one connection that are kept in a minute; the others are counted. */
  perMinute: number;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
}

const MINUTE_MS = 60_000;
/** Items that are told from those a poll reads again; by connection. */
const REMEMBERED = 2_000;
/** Items of one connection that wait for the bus; one more is counted and let go. */
const MOST_WAITING = 200;
const MAX_PROBLEMS = 20;
const MAX_TEXT = 300;

interface Connection {
  secrets: readonly string[];
  seen: Set<string>;
  sinceMs: number;
  kept: number;
  waiting: Set<Promise<void>>;
}

/** Sends what is set aside to where it is parked: each item once, and of each connection only so many. */
export class SetAsideDesk implements Asides {
  readonly #options: SetAsideDeskOptions;
  readonly #connections = new Map<string, Connection>();
  readonly #items: Counter<'platform' | 'outcome'>;

  constructor(options: SetAsideDeskOptions) {
    this.#options = options;
    this.#items = options.metrics.counter('adapter_set_aside_items_total', {
      help: 'Items set aside: parked, seen before, beyond what is kept in a minute, or lost on the way.',
      labels: ['platform', 'outcome'],
    });
  }

  knowSecrets(connectionId: string, secrets: readonly string[]): void {
    this.#of(connectionId).secrets = secrets;
  }

  take(connection: AsideOf, aside: Aside): void {
    const { platform, id } = connection;
    const known = this.#of(id);
    const written = writtenItem(aside, known.secrets);
    const digest = createHash('sha256')
      .update(JSON.stringify([id, aside.what, written.identity]))
      .digest('hex');
    const outcome = known.seen.has(digest) ? 'seen before' : this.#admit(known) ? undefined : 'held back';
    if (outcome) {
      this.#count(platform, outcome);
      return;
    }
    remember(known.seen, digest);
    this.#send(known, this.#itemOf(connection, aside, { written, digest, secrets: known.secrets }));
  }

  #itemOf(
    { workspace, platform, id }: AsideOf,
    { what, reason, device, problems }: Aside,
    { written, digest, secrets }: { written: WrittenItem; digest: string; secrets: readonly string[] },
  ): SetAsideItem {
    const owner = parkedItemOwner({ workspace, connectionId: id });
    const sealed =
      written.text === undefined ? {} : { sealed: this.#options.vault.seal({ item: written.text }, owner) };
    return {
      workspace,
      platform,
      connectionId: id,
      ...(isNativeId(device) ? { nativeId: device } : {}),
      what: what.slice(0, 100),
      reason,
      problems: problems.slice(0, MAX_PROBLEMS).map(({ path, problem }) => ({
        path: redactText(path, secrets).slice(0, MAX_TEXT),
        problem: redactText(problem, secrets).slice(0, MAX_TEXT),
      })),
      shown: written.shown,
      ...sealed,
      digest,
      asideAt: new Date(this.#options.clock.now()).toISOString(),
    };
  }

  async settled(connectionId: string): Promise<void> {
    await Promise.all(this.#connections.get(connectionId)?.waiting ?? []);
  }

  #send(known: Connection, item: SetAsideItem): void {
    const { send, log } = this.#options;
    const sent = send(item).then(
      () => this.#count(item.platform, 'parked'),
      (error: unknown) => {
        known.seen.delete(item.digest);
        this.#count(item.platform, 'lost');
        log.debug({ err: error, connectionId: item.connectionId }, 'an item that was set aside could not be kept');
      },
    );
    known.waiting.add(sent);
    void sent.finally(() => known.waiting.delete(sent));
  }

  #admit(known: Connection): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - known.sinceMs >= MINUTE_MS) Object.assign(known, { sinceMs: nowMs, kept: 0 });
    if (known.waiting.size >= MOST_WAITING || known.kept >= this.#options.perMinute) return false;
    known.kept += 1;
    return true;
  }

  #of(connectionId: string): Connection {
    const known = this.#connections.get(connectionId);
    if (known) return known;
    const sinceMs = this.#options.clock.monotonicMs();
    const made = { secrets: [], seen: new Set<string>(), sinceMs, kept: 0, waiting: new Set<Promise<void>>() };
    this.#connections.set(connectionId, made);
    return made;
  }

  #count(platform: string, outcome: 'parked' | 'seen before' | 'held back' | 'lost'): void {
    this.#items.inc({ platform, outcome });
  }
}

/** The oldest goes when there are too many. */
function remember(seen: Set<string>, digest: string): void {
  seen.add(digest);
  const [oldest] = seen;
  if (seen.size > REMEMBERED && oldest !== undefined) seen.delete(oldest);
}

const isNativeId = (id: unknown): id is string => typeof id === 'string' && id.length > 0 && id.length <= 512;
