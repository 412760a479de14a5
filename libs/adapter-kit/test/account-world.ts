import { randomBytes } from 'node:crypto';
import { deviceId } from '@tributary/contracts';
import {
  AdapterBook,
  type BatchPoint,
  CONSERVATION,
  Conservation,
  type Database,
  formatRanges,
  inTransaction,
  migrate,
  minuteOf,
  openDatabase,
  ParkedMessages,
  type ParkedPoints,
  type PointGroup,
  rangesOf,
  settleDiscarded,
  TelemetryStore,
} from '@tributary/database';
import { newId, silentLogger, systemClock } from '@tributary/runtime';
import { type LedgerMinute, RunLedger } from '../src/process/publishing/run-ledger.ts';

const SERVER = 'postgres://root@127.0.0.1:5432';
const WORKSPACE = 'default';

/** A message of some points; each has its number, and a place in what it says. */
export interface Message {
  minute: LedgerMinute;
  first: number;
  confirmedBelow: number;
  rev: number;
  points: BatchPoint[];
  confirmed: boolean;
  /** The broker has it, or has had it; one that the adapter crashed over may never have reached it. */
  reached: boolean;
}

interface Parked {
  id: string;
  message: Message;
  places: number[];
}

export type Row = Record<
  'received' | 'stored' | 'settled' | 'in_flight' | 'missing' | 'imbalance' | 'parked',
  number
> & {
  run: string;
  minuteMs: number;
  holes: string;
};

/**
 * One connection from what it brings to what is stored, with the real books in a real database; only the broker is a
 * list. What ought to be in the account is kept beside, point by point.
 */
export class AccountWorld {
  readonly db: Database;
  readonly #name: string;
  readonly #store: TelemetryStore;
  readonly #parkedMessages: ParkedMessages;
  readonly #book: AdapterBook;
  readonly #conservation: Conservation;
  #connectionId = '';
  #ledger!: RunLedger;
  #epoch = 0;
  #rev = 1;
  nowMs = 0;
  queue: Message[] = [];
  parked: Parked[] = [];
  /** Numbers of confirmed messages that were thrown away, by run and minute. */
  lost = new Map<string, number[]>();
  /** Every number that has ever arrived. */
  arrived = new Set<string>();
  #unconfirmed: Message[] = [];

  private constructor(db: Database, name: string) {
    this.db = db;
    this.#name = name;
    this.#store = new TelemetryStore(db, { clock: systemClock });
    this.#parkedMessages = new ParkedMessages(db);
    this.#book = new AdapterBook(db);
    this.#conservation = new Conservation(db);
  }

  static async open(): Promise<AccountWorld> {
    const name = `test_account_${randomBytes(6).toString('hex')}`;
    await migrate({ url: `${SERVER}/${name}`, log: silentLogger });
    const db = openDatabase({ url: `${SERVER}/${name}`, log: silentLogger, applicationName: 'test', poolSize: 4 });
    return new AccountWorld(db, name);
  }

  async close(): Promise<void> {
    await this.db.close();
    const admin = openDatabase({ url: `${SERVER}/postgres`, log: silentLogger, applicationName: 'test', poolSize: 2 });
    await admin.pool.query(`drop database "${this.#name}" with (force)`);
    await admin.close();
  }

  /** A connection of its own, in the hands of a first run. */
  async begin(): Promise<void> {
    this.#connectionId = newId('con');
    await this.db.pool.query(
      `insert into connection (id, workspace_id, platform, name, settings, credentials, credentials_fingerprint,
         credentials_updated_at, updated_at) values ($1, $2, 'acme', $1, '{}', '', '', now(), now())`,
      [this.#connectionId, WORKSPACE],
    );
    // An hour ago, so that its minutes are over.
    this.nowMs = minuteOf(Date.now()) - 3_600_000;
    this.#epoch = 0;
    Object.assign(this, { queue: [], parked: [], lost: new Map(), arrived: new Set() });
    this.#unconfirmed = [];
    await this.#takeOver();
  }

  /** The connection brings points, of which some say nothing new and some cannot travel. */
  receive(points: BatchPoint[], dropped: { unchanged: number; setAside: number }): void {
    const minute = this.#ledger.at(this.nowMs);
    minute.bring(points.length + dropped.unchanged + dropped.setAside);
    minute.leaveUnchanged(dropped.unchanged);
    minute.putAside('bad-time', dropped.setAside);
    const { first, confirmed } = minute.number(points.length);
    const message = { minute, first, confirmedBelow: confirmed, rev: this.#rev++, points };
    const sent: Message = { ...message, confirmed: false, reached: true };
    this.queue.push(sent);
    this.#unconfirmed.push(sent);
  }

  /** The broker says of some message that it has it, in whatever order. */
  confirm(which: number): void {
    const [message] = this.#unconfirmed.splice(which % Math.max(1, this.#unconfirmed.length), 1);
    if (!message) return;
    message.confirmed = true;
    message.minute.confirm(message.first, message.points.length);
  }

  async flush(): Promise<void> {
    const report = this.#ledger.report(this.nowMs);
    if (!report) return;
    await this.#book.record(report.entries);
    // Written twice is written once.
    await this.#book.record(report.entries);
    report.written();
  }

  /** The adapter dies with all that it did not write; of what it did not see confirmed some never reached the broker. */
  async crash(which: number): Promise<void> {
    for (const [i, message] of this.#unconfirmed.entries()) {
      if ((which >> i) % 2 === 0) continue;
      message.reached = false;
      this.queue = this.queue.filter((one) => one !== message);
    }
    this.#unconfirmed = [];
    await this.#takeOver();
  }

  /** The adapter stops in order. */
  async stop(): Promise<void> {
    while (this.#unconfirmed.length > 0) this.confirm(0);
    this.#ledger.end();
    await this.flush();
    await this.#takeOver();
  }

  /** Some messages, one of them perhaps twice, in one batch; `acknowledge` false is a crash after the commit. */
  async deliver(
    picks: readonly number[],
    { copy, acknowledge }: { copy: boolean; acknowledge: boolean },
  ): Promise<void> {
    const chosen = [...new Set(picks.map((pick) => this.queue[pick % Math.max(1, this.queue.length)]))];
    const messages = chosen.filter((message) => message !== undefined);
    if (messages.length === 0) return;
    const groups = messages.map((message) => this.#group(message));
    await this.#store.commit({ groups: copy ? [...groups, ...groups.slice(0, 1)] : groups });
    for (const message of messages) this.#came(message, [...message.points.keys()]);
    if (acknowledge) this.queue = this.queue.filter((message) => !messages.includes(message));
  }

  /** Some points of a message do not fit: they are parked, the others stored; or the process dies in between. */
  async deliverPartly(pick: number, { crash }: { crash: boolean }): Promise<void> {
    const message = this.queue[pick % Math.max(1, this.queue.length)];
    if (!message) return;
    const places = [...message.points.keys()];
    const bad = places.filter((place) => place % 2 === 0);
    const good = places.filter((place) => place % 2 === 1);
    await this.#park(message, bad);
    if (crash) return;
    if (good.length > 0) await this.#store.commit({ groups: [this.#group(message, good)] });
    this.#came(message, good);
    this.queue = this.queue.filter((one) => one !== message);
  }

  /** The cause is mended: the whole message goes through again. */
  async replay(pick: number): Promise<void> {
    const parked = this.parked[pick % Math.max(1, this.parked.length)];
    if (!parked) return;
    await this.#store.commit({ groups: [this.#group(parked.message)] });
    this.#came(parked.message, [...parked.message.points.keys()]);
    await this.#parkedMessages.markReplayed(parked.id);
    this.parked = this.parked.filter((one) => one !== parked);
  }

  async discard(pick: number): Promise<void> {
    const parked = this.parked[pick % Math.max(1, this.parked.length)];
    if (!parked) return;
    await inTransaction(this.db.pool, (client) => settleDiscarded(client, parked.id));
    this.parked = this.parked.filter((one) => one !== parked);
  }

  /** "Acknowledged before the commit": the bus has given it away, and nobody has it. */
  lose(pick: number): void {
    const confirmed = this.queue.filter((message) => message.confirmed);
    const message = confirmed[pick % Math.max(1, confirmed.length)];
    if (!message) return;
    this.queue = this.queue.filter((one) => one !== message);
    const key = keyOf(message.minute);
    const numbers = [...message.points.keys()].map((place) => message.first + place);
    this.lost.set(key, [...(this.lost.get(key) ?? []), ...numbers]);
  }

  /** All faults are over: what lives on says what it knows, what waits arrives, and that is known. */
  async heal(): Promise<void> {
    while (this.#unconfirmed.length > 0) this.confirm(0);
    await this.flush();
    while (this.queue.length > 0) await this.deliver([0, 1, 2], { copy: false, acknowledge: true });
    await this.db.pool.query('update conservation_horizon set settled_before = clock_timestamp()');
  }

  closeMinutes(): Promise<number> {
    return this.#conservation.close();
  }

  async rows(): Promise<Row[]> {
    const { rows } = await this.db.pool.query<Row>(
      `select run, (extract(epoch from minute) * 1000)::float8 as "minuteMs", received::float8, stored::float8,
         parked::float8, in_flight::float8, missing::float8, imbalance::float8, holes::text,
         (stored + duplicate + corrected + superseded + parked + expired + unknown_connection + discarded
           + unchanged + set_aside_points + unacknowledged)::float8 as settled
       from ${CONSERVATION} c where connection_id = $1 order by minute, run`,
      [this.#connectionId],
    );
    return rows;
  }

  /** The numbers that never came and of which the books can know: by run and minute, as the account writes them. */
  async lostAndKnown(): Promise<Map<string, string>> {
    const { rows } = await this.db.pool.query<{ run: string; ms: number; known: string }>(
      `select run, (extract(epoch from minute) * 1000)::float8 as ms,
         (confirmed + int8multirange(int8range(0, confirmed_below)))::text as known
       from conservation_minute where connection_id = $1`,
      [this.#connectionId],
    );
    const known = new Map(rows.map((row) => [`${row.run} ${row.ms}`, row.known]));
    const expected = [...this.lost].map(([key, numbers]): [string, string] => {
      const seen = numbers.filter(
        (number) => contains(known.get(key) ?? '{}', number) && !this.arrived.has(`${key} ${number}`),
      );
      return [key, formatRanges(rangesOf(seen.map((number) => [number, number + 1])))];
    });
    return new Map(expected.filter(([, numbers]) => numbers !== '{}'));
  }

  async identities(): Promise<number> {
    const { rows } = await this.db.pool.query<{ n: number }>(
      `select count(*)::int as n from point p join series s on s.id = p.series_id join device d on d.id = s.device_id
       where d.connection_id = $1`,
      [this.#connectionId],
    );
    return rows[0]?.n ?? 0;
  }

  async #takeOver(): Promise<void> {
    this.#epoch += 1;
    await this.db.pool.query(
      `insert into connection_lease (connection_id, replica, epoch, leased_until) values ($1, 'r', $2, now() + interval '1 hour')
       on conflict (connection_id) do update set epoch = excluded.epoch`,
      [this.#connectionId, this.#epoch],
    );
    this.#ledger = new RunLedger({
      workspace: WORKSPACE,
      connectionId: this.#connectionId,
      epoch: this.#epoch,
      newRun: () => newId('run'),
    });
  }

  #group(message: Message, places?: readonly number[]): PointGroup {
    const nativeId = 'd';
    const points = (places ?? [...message.points.keys()]).map((place) => message.points[place] as BatchPoint);
    return {
      workspace: WORKSPACE,
      platform: 'acme',
      connectionId: this.#connectionId,
      deviceId: deviceId(this.#connectionId, nativeId),
      nativeId,
      rev: String(message.rev),
      points,
      receivedMs: message.minute.minuteMs + 1_234,
      numbers: { run: message.minute.run, first: message.first, confirmed: message.confirmedBelow, places },
    };
  }

  async #park(message: Message, places: number[]): Promise<void> {
    const points: ParkedPoints = {
      workspace: WORKSPACE,
      connectionId: this.#connectionId,
      run: message.minute.run,
      minuteMs: message.minute.minuteMs,
      numbers: rangesOf(places.map((place) => [message.first + place, message.first + place + 1])),
      points: places.length,
      confirmedBelow: message.confirmedBelow,
    };
    const id = await this.#parkedMessages.park({
      workspace: WORKSPACE,
      queue: 'q',
      exchange: '',
      routingKey: '',
      headers: {},
      reason: 'schema',
      problems: [],
      payload: Buffer.from(`${this.#connectionId} ${message.rev}`),
      points,
    });
    if (!this.parked.some((parked) => parked.id === id)) this.parked.push({ id, message, places });
    this.#came(message, places);
  }

  #came({ minute, first }: Message, places: readonly number[]): void {
    for (const place of places) this.arrived.add(`${keyOf(minute)} ${first + place}`);
  }
}

const keyOf = ({ run, minuteMs }: LedgerMinute): string => `${run} ${minuteMs}`;

const contains = (ranges: string, number: number): boolean =>
  [...ranges.matchAll(/\[(\d+),(\d+)\)/g)].some(([, from, to]) => Number(from) <= number && number < Number(to));
