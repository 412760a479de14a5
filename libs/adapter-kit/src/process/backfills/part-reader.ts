import { UnsupportedError } from '@tributary/contracts';
import type { OpenPart, PartClaim, SpanStatement, TimeRange } from '@tributary/database';
import type { Clock, Logger } from '@tributary/runtime';
import type { Checkpoint, Observation, Page } from '../../contract.ts';
import { countingVendorCalls } from '../../http/vendor-calls.ts';
import { withSources } from '../../lineage/with-sources.ts';
import { statementsOf } from '../coverage/covered.ts';
import type { BackfillStore } from '../ports.ts';
import type { AttendedConnection } from './attended-connection.ts';
import { fateOf } from './part-failure.ts';
import { readResume, writeResume } from './resume.ts';

export interface PartReaderOptions {
  store: BackfillStore;
  random: () => number;
  clock: Clock;
  log: Logger;
  onPoints: (points: number) => void;
}

/** What came of an attempt: `gone` is no longer ours to read. */
export type PartOutcome = 'done' | 'unrecoverable' | 'later' | 'gone';

interface Attempt {
  part: OpenPart;
  claim: PartClaim;
  connection: AttendedConnection;
  signal: AbortSignal;
  /** Of the platform, not yet written down. */
  calls: number;
  /** Its pages have said themselves what they cover. */
  covered: boolean;
  /** Who says so. */
  connectionId: string;
  source: string;
  run: string;
}

/** Thrown to leave a part that somebody else has cancelled or taken. */
class NotOurs extends Error {}

/**
 * Reads one part: pages out, confirms in, and only then is the page written down, with what it covers. Whatever fails, the
 * part stands where everything before it is with the bus.
 */
export class PartReader {
  readonly #options: PartReaderOptions;

  constructor(options: PartReaderOptions) {
    this.#options = options;
  }

  /** Never rejects for what the platform does; rejects when the store is away, and the part is open again. */
  async read(open: OpenPart, connection: AttendedConnection, signal: AbortSignal): Promise<PartOutcome> {
    const { store, log } = this.#options;
    const { lease } = connection;
    if (!lease.valid()) return 'gone';
    const part = await store.claim(open, lease.epoch);
    if (!part) return 'gone';
    const { backfillId, number, connectionId, attempts: attemptNumber } = part;
    const claim: PartClaim = { backfillId, number, connectionId, epoch: lease.epoch, attempt: attemptNumber };
    const speaker = { connectionId, source: SOURCE, run: connection.publisher.ledger.run };
    const attempt: Attempt = { part, claim, connection, signal, calls: 0, covered: false, ...speaker };
    try {
      await this.#readAll(attempt);
      return 'done';
    } catch (error) {
      if (error instanceof NotOurs || signal.aborted) return 'gone';
      log.debug({ err: error, backfillId, part: number }, 'a part of a backfill could not be read');
      return await this.#failed(attempt, error);
    }
  }

  async #readAll(attempt: Attempt): Promise<void> {
    const { part, claim, signal } = attempt;
    const ranges = await this.#toRead(part);
    for (const range of ranges) {
      attempt.covered = false;
      for await (const page of this.#pages(attempt, range)) await this.#bring(attempt, range, page);
      signal.throwIfAborted();
      const last = range === ranges.at(-1);
      if (!last) await this.#write(attempt, { points: 0, statements: closing(attempt, range) });
      else await this.#end(attempt, closing(attempt, range));
    }
    // Read by somebody meanwhile.
    if (ranges.length === 0) await mustBeOurs(this.#options.store.finish(claim, { state: 'done', calls: 0 }, NOTHING));
  }

  /** What of it has still to be read, where only gaps were asked for. */
  async #toRead(part: OpenPart): Promise<TimeRange[]> {
    if (!part.onlyGaps || part.deviceId === undefined) return [{ fromMs: part.fromMs, toMs: part.toMs }];
    return this.#options.store.gapsOf({ ...part, deviceId: part.deviceId });
  }

  async *#pages(attempt: Attempt, range: TimeRange): AsyncGenerator<Page<Observation>, void, undefined> {
    const pages = withSources(pagesOf(attempt, range))[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await countingVendorCalls(
          () => pages.next(),
          (calls) => {
            attempt.calls += calls;
          },
        );
        attempt.signal.throwIfAborted();
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await pages.return?.();
    }
  }

  async #bring(attempt: Attempt, range: TimeRange, page: Page<Observation>): Promise<void> {
    const { connection } = attempt;
    connection.lease.check();
    const brought = page.items.map((item) =>
      item.type === 'points' ? { ...item, origin: 'backfill' as const } : item,
    );
    const { publisher } = connection;
    const confirmed = Promise.all(
      brought.map((item) => (item.type === 'points' ? publisher.readAgain(item) : publisher.observe(item))),
    );
    publisher.flush();
    await confirmed;
    const points = brought.reduce((sum, item) => sum + (item.type === 'points' ? item.points.length : 0), 0);
    const statements = statementsOf(page, attempt);
    if (statements.length > 0) attempt.covered = true;
    await this.#write(attempt, { points, statements, resume: page.checkpoint && writeResume(range, page.checkpoint) });
    this.#options.onPoints(points);
  }

  async #write(
    attempt: Attempt,
    page: { points: number; statements: SpanStatement[]; resume?: Checkpoint | undefined },
  ): Promise<void> {
    const { calls, connection } = attempt;
    const account = connection.publisher.ledger.report(this.#options.clock.now());
    const written = { statements: page.statements, account: account?.entries ?? [] };
    await mustBeOurs(this.#options.store.paged(attempt.claim, { ...page, calls }, written));
    account?.written();
    attempt.calls -= calls;
  }

  async #end(attempt: Attempt, statements: SpanStatement[]): Promise<void> {
    const { calls } = attempt;
    await mustBeOurs(this.#options.store.finish(attempt.claim, { state: 'done', calls }, { statements, account: [] }));
    attempt.calls = 0;
  }

  async #failed(attempt: Attempt, error: unknown): Promise<PartOutcome> {
    const { store, random, log } = this.#options;
    const { part, claim, calls } = attempt;
    const fate = fateOf(error, { attempts: part.attempts, refusals: part.refusals, random });
    if (fate.kind === 'later') {
      const { waitMs, refused, reason } = fate;
      return (await store.postpone(claim, { waitMs, refused, calls, reason })) ? 'later' : 'gone';
    }
    log.info({ backfillId: part.backfillId, part: part.number, reason: fate.reason }, 'a range cannot be had');
    const ranges = await this.#toRead(part);
    const saying = { state: 'unrecoverable' as const, source: SOURCE, reason: fate.reason };
    const lost = scopesOf(part).flatMap((scope) => ranges.map((range) => ({ ...scope, ...range, ...saying })));
    const end = { state: 'unrecoverable' as const, calls, reason: fate.reason };
    return (await store.finish(claim, end, { statements: lost, account: [] })) ? 'unrecoverable' : 'gone';
  }
}

const SOURCE = 'backfill';
const NOTHING = { statements: [], account: [] };

async function mustBeOurs(written: Promise<boolean>): Promise<void> {
  if (!(await written)) throw new NotOurs('the part was cancelled, or is another owner’s');
}

/** Throws `UnsupportedError` where the connection has no way to read it. */
function pagesOf(
  { part, connection: { adapter }, signal }: Attempt,
  range: TimeRange,
): AsyncIterable<Page<Observation>> {
  if (part.nativeId === undefined) {
    const { repair } = adapter.stream ?? {};
    if (!repair || part.streamPart === undefined) throw new UnsupportedError('the platform gives a stream only once');
    return repair.call(adapter.stream, { part: part.streamPart, ...range }, signal);
  }
  const { history } = adapter.telemetry ?? {};
  if (!history) throw new UnsupportedError('the platform keeps no history');
  const resume = readResume(range, part.resume);
  const signals = part.signals.length === 0 ? {} : { signals: part.signals };
  const query = {
    device: part.nativeId,
    ...range,
    ...signals,
    lane: 'backfill' as const,
    ...(resume ? { resume } : {}),
  };
  return observations(part.nativeId, history.call(adapter.telemetry, query, signal));
}

/** What a page says without naming a device it says of the one that was asked for. */
async function* observations(
  device: string,
  pages: ReturnType<NonNullable<NonNullable<AttendedConnection['adapter']['telemetry']>['history']>>,
): AsyncGenerator<Page<Observation>, void, undefined> {
  for await (const page of pages) {
    const covers = page.covers?.map((span) => (span.space === undefined ? { device, ...span } : span));
    const items = page.items.map((batch) => ({ ...batch, type: 'points' as const }));
    yield { ...page, items, ...(covers ? { covers } : {}) };
  }
}

/** What holds once a range was read to its end: what its pages said, and where they said nothing, that it is complete. */
function closing({ part, covered, run }: Attempt, range: TimeRange): SpanStatement[] {
  if (covered) return [];
  return scopesOf(part).map((scope) => ({ ...scope, ...range, state: 'complete' as const, source: SOURCE, run }));
}

const scopeOf = ({ deviceId: id }: OpenPart) => (id === undefined ? {} : { deviceId: id });

const scopesOf = (part: OpenPart): { deviceId?: string; signal?: string }[] =>
  part.signals.length === 0 ? [scopeOf(part)] : part.signals.map((signal) => ({ ...scopeOf(part), signal }));
