import { createHash } from 'node:crypto';
import type { ParkedKind, ParkedProblem, ParkVerdict } from '@tributary/contracts';
import { newId } from '@tributary/runtime';
import { type ParkedPoints, settleParked } from '../conservation/intake-book.ts';
import { formatRanges } from '../conservation/number-ranges.ts';
import type { Database } from '../database.ts';
import { Conditions } from '../page.ts';
import { inTransaction, type Queryable } from '../transaction.ts';
import { fingerprintOf } from './parked-fingerprint.ts';
import { type NewlyParked, noteParked } from './parked-news.ts';

export interface MessageToPark {
  /** Default `message`. */
  kind?: ParkedKind | undefined;
  /** Absent where not even that could be read. */
  workspace?: string | undefined;
  queue: string;
  exchange: string;
  routingKey: string;
  headers: Record<string, unknown>;
  reason: string;
  problems: readonly ParkedProblem[];
  eventId?: string | undefined;
  platform?: string | undefined;
  /** First word of the event's name; of an item what its adapter calls such items. */
  area?: string | undefined;
  connectionId?: string | undefined;
  deviceId?: string | undefined;
  /** Fit to be shown. */
  payload: Uint8Array;
  /** What came, where `payload` is not that. */
  sealed?: string | undefined;
  /** What came, with its queue, by `parkedDigest`; default that of `payload`. */
  digest?: Uint8Array | undefined;
  /** What of the account is set aside with it, where that could be read. */
  points?: ParkedPoints | undefined;
}

export interface FailedReplay {
  reason: string;
  problems: readonly ParkedProblem[];
  verdict: ParkVerdict;
  /** What of the account does not fit. */
  points?: ParkedPoints | undefined;
}

export type ParkedState = 'parked' | 'replayed' | 'discarded';

export interface ParkedMessage {
  id: string;
  kind: ParkedKind;
  workspace: string | null;
  queue: string;
  exchange: string;
  routingKey: string;
  headers: Record<string, unknown>;
  reason: string;
  problems: ParkedProblem[];
  eventId: string | null;
  platform: string | null;
  area: string | null;
  connectionId: string | null;
  deviceId: string | null;
  payload: Buffer;
  redacted: boolean | null;
  sealed: string | null;
  digest: Buffer;
  state: ParkedState;
  replays: number;
  parkedAt: Date;
  replayedAt: Date | null;
}

const COLUMNS = `
  id, kind, workspace_id as workspace, queue, exchange, routing_key as "routingKey", headers, reason, problems,
  event_id as "eventId", platform, area, connection_id as "connectionId", device_id as "deviceId", payload, redacted, sealed,
  digest, state, replays, parked_at as "parkedAt", replayed_at as "replayedAt"`;

/** What tells a message of a queue from every other. */
export const parkedDigest = (queue: string, payload: Uint8Array): Buffer =>
  createHash('sha256').update(`${queue}\n`).update(payload).digest();

/**
 * Of one message some points may be parked now and others later. What was settled and comes again is parked again; but an
 * item that somebody gave up is read by every poll anew, and stays given up.
 */
const PARK = `
  with before as (select state from parked_message where digest = $11)
  insert into parked_message as p (id, workspace_id, queue, exchange, routing_key, headers, reason, problems, event_id,
    payload, digest, connection_id, run, minute, numbers, state, kind, platform, area, device_id, fingerprint, sealed,
    redacted)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, to_timestamp($14::float8 / 1000), $15::int8multirange,
    'parked', $16, $17, $18, $19, $20, $21, $21::text is not null)
  on conflict (digest) do update set reason = excluded.reason, problems = excluded.problems, headers = excluded.headers,
    fingerprint = excluded.fingerprint,
    connection_id = coalesce(excluded.connection_id, p.connection_id), run = coalesce(excluded.run, p.run),
    device_id = coalesce(excluded.device_id, p.device_id),
    minute = coalesce(excluded.minute, p.minute), numbers = coalesce(p.numbers + excluded.numbers, excluded.numbers, p.numbers),
    times = p.times + 1, last_parked_at = now(),
    state = case when p.kind = 'item' and p.state = 'discarded' then p.state else 'parked' end
  returning id, workspace_id as workspace, fingerprint,
    state = 'parked' and (xmax = 0 or (select b.state from before b) <> 'parked') as news`;

/** What could not be processed, with the reason, until somebody replays or discards it. */
export class ParkedMessages {
  readonly #db: Pick<Database, 'pool'>;

  constructor(db: Pick<Database, 'pool'>) {
    this.#db = db;
  }

  /**
   * The same message in the same queue is parked once; one that fails again after a replay is parked again. Its points
   * are parked in the account with it, and the bus is told as `ParkedNews` says. Returns its id.
   */
  park(message: MessageToPark): Promise<string> {
    const { points } = message;
    return inTransaction(this.#db.pool, async (client) => {
      const { news, ...parked } = await this.#write(message, client);
      if (news) await noteParked(client, parked);
      if (points) await settleParked(client, points);
      return parked.id;
    });
  }

  async #write(message: MessageToPark, db: Queryable): Promise<NewlyParked & { news: boolean | null }> {
    const { points } = message;
    const { rows } = await db.query<NewlyParked & { news: boolean | null }>(PARK, [
      newId('prk'),
      message.workspace ?? null,
      message.queue,
      message.exchange,
      message.routingKey,
      withoutNul(message.headers),
      message.reason.replaceAll('\0', ''),
      withoutNul(message.problems),
      message.eventId ?? null,
      Buffer.from(message.payload),
      Buffer.from(message.digest ?? parkedDigest(message.queue, message.payload)),
      points?.connectionId ?? message.connectionId ?? null,
      points?.run ?? null,
      points?.minuteMs ?? null,
      points ? formatRanges(points.numbers) : null,
      message.kind ?? 'message',
      message.platform ?? null,
      message.area ?? null,
      message.deviceId ?? null,
      fingerprintOf(message),
      message.sealed ?? null,
    ]);
    return rows[0] as NewlyParked & { news: boolean | null };
  }

  async get(workspace: string | undefined, id: string): Promise<ParkedMessage | undefined> {
    const where = new Conditions().and('id = ?', id).and('workspace_id = ?', workspace);
    const { rows } = await this.#db.pool.query<ParkedMessage>(
      `select ${COLUMNS} from parked_message where ${where.sql}`,
      where.values,
    );
    return rows[0];
  }

  /** Call once what it holds is stored. False when there is no such message. */
  async markReplayed(id: string, verdict?: ParkVerdict): Promise<boolean> {
    const { rowCount } = await this.#db.pool.query(
      `update parked_message set state = 'replayed', replays = replays + 1, replayed_at = now(), verdict = $2 where id = $1`,
      [id, verdict ? JSON.stringify(verdict) : null],
    );
    return rowCount === 1;
  }

  /** It was replayed and does not fit again: the same row says why now. What of the account is parked with it, stays so. */
  async markFailed(id: string, failed: FailedReplay): Promise<void> {
    const { reason, problems, verdict, points } = failed;
    await inTransaction(this.#db.pool, async (client) => {
      const { rows } = await client.query<{ area: string | null; platform: string | null }>(
        `update parked_message set replays = replays + 1, replayed_at = now(), verdict = $2, reason = $3, problems = $4
         where id = $1 and state = 'parked' returning area, platform`,
        [id, JSON.stringify(verdict), reason, withoutNul(problems)],
      );
      const [row] = rows;
      if (!row) return;
      const fingerprint = fingerprintOf({
        reason,
        problems,
        area: row.area ?? undefined,
        platform: row.platform ?? undefined,
      });
      await client.query(
        `update parked_message p set fingerprint = $2, connection_id = coalesce($3, connection_id), run = coalesce($4, run),
           minute = coalesce(to_timestamp($5::float8 / 1000), minute),
           numbers = coalesce(p.numbers + $6::int8multirange, $6::int8multirange, p.numbers) where id = $1`,
        [
          id,
          fingerprint,
          points?.connectionId ?? null,
          points?.run ?? null,
          points?.minuteMs ?? null,
          points ? formatRanges(points.numbers) : null,
        ],
      );
      if (points) await settleParked(client, points);
    });
  }

  /** Messages that wait, for the metric. */
  async count(): Promise<number> {
    const { rows } = await this.#db.pool.query<{ n: number }>(
      `select count(*)::int as n from parked_message where state = 'parked'`,
    );
    return rows[0]?.n ?? 0;
  }
}

/** A parked message is bad by nature; its headers must not be able to keep it from being parked. */
const withoutNul = (value: unknown): string =>
  JSON.stringify(value, (_key, part) => (typeof part === 'string' ? part.replaceAll('\0', '').toWellFormed() : part));
