import type { AttemptReport, SuspensionReason } from '@tributary/contracts';
import type pg from 'pg';
import type { Database } from '../database.ts';
import { addToOutbox, type OutboxMessage } from '../outbox/outbox.ts';
import { inTransaction, type Queryable } from '../transaction.ts';

/** Where to send and with which secrets, as it was when the turn began. */
export interface Turn {
  subscriptionId: string;
  workspace: string;
  claim: string;
  url: string;
  /** Sealed for (workspace, subscriptionId). */
  headers: string | null;
  secrets: string;
  /** The secret before signs too. */
  bothSecrets: boolean;
  startRev: number;
  clockRev: number;
  /** Attempts that failed since the last that did not. */
  failures: number;
  /** Milliseconds since the first of them; 0 without. */
  failingForMs: number;
  /** Everything up to here is finished. */
  doneSeq: bigint;
}

export interface PendingDelivery {
  id: string;
  seq: bigint;
  kind: 'events' | 'resync';
  mediaType: string;
  body: string;
  bytes: number;
  attempts: number;
}

export interface Attempt extends AttemptReport {
  at: Date;
}

/** A turn that should have begun. */
export interface OverdueTurn {
  subscriptionId: string;
  troubled: boolean;
}

export type AfterDelivery = 'more' | 'drained' | 'lost';

/** Attempts of a delivery that are kept. */
const KEPT_ATTEMPTS = 50;

/** Appends the attempt of the parameters; the oldest goes where there are too many. */
const attempted = (report: string): string => `
  attempt_count = attempt_count + 1,
  attempts = (case when jsonb_array_length(attempts) >= ${KEPT_ATTEMPTS} then attempts - 0 else attempts end)
    || jsonb_set(${report}::jsonb, '{number}', to_jsonb(attempt_count + 1))`;

/**
 * Sending, one turn at a time: whoever has the claim of a subscription sends its deliveries in order, and nobody else
 * does until the turn is given back or its time is over. What is written carries the claim, so that whoever has lost it
 * without knowing changes nothing. Time is the database's alone.
 */
export class DeliveryTurns {
  readonly #pool: pg.Pool;

  constructor(db: Pick<Database, 'pool'>) {
    this.#pool = db.pool;
  }

  /**
   * Undefined where there is no turn to take: nothing is pending, it is not due yet, somebody else is at it, or the
   * subscription is paused, suspended, removed or to begin elsewhere.
   */
  async claim(subscriptionId: string, claim: string, ttlMs: number): Promise<Turn | undefined> {
    const { rows } = await this.#pool.query<Omit<Turn, 'doneSeq'> & { doneSeq: string }>({
      name: 'claim-turn',
      text: `update subscription_state st set
         claim = $2, claimed_until = now() + $3 * interval '1 millisecond', clock_rev = s.clock_rev,
         failures = case when st.clock_rev < s.clock_rev then 0 else st.failures end,
         failing_since = case when st.clock_rev < s.clock_rev then null else st.failing_since end
       from subscription s
       where s.id = $1 and st.subscription_id = s.id and not s.paused and st.start_rev = s.start_rev
         and st.suspended_rev is distinct from s.clock_rev
         and (st.claimed_until is null or st.claimed_until < now())
         and (st.turn_at <= now() or (st.turn_at is not null and st.clock_rev < s.clock_rev))
       returning s.id as "subscriptionId", s.workspace_id as workspace, st.claim, s.url, s.headers, s.secrets,
         coalesce(s.previous_secret_until > now(), false) as "bothSecrets", s.start_rev as "startRev",
         s.clock_rev as "clockRev", st.failures,
         coalesce(round(extract(epoch from now() - st.failing_since) * 1000), 0)::float8 as "failingForMs",
         st.done_seq as "doneSeq"`,
      values: [subscriptionId, claim, ttlMs],
    });
    return rows[0] && { ...rows[0], doneSeq: BigInt(rows[0].doneSeq) };
  }

  /** Where to send, whatever the state; undefined where there is no such subscription. */
  async addressee(
    subscriptionId: string,
  ): Promise<Pick<Turn, 'subscriptionId' | 'workspace' | 'url' | 'headers' | 'secrets' | 'bothSecrets'> | undefined> {
    const { rows } = await this.#pool.query(
      `select id as "subscriptionId", workspace_id as workspace, url, headers, secrets,
         coalesce(previous_secret_until > now(), false) as "bothSecrets"
       from subscription where id = $1`,
      [subscriptionId],
    );
    return rows[0];
  }

  /** What comes next, in order. */
  async next(subscriptionId: string, after: bigint, limit: number): Promise<PendingDelivery[]> {
    const { rows } = await this.#pool.query<Omit<PendingDelivery, 'seq'> & { seq: string }>({
      name: 'next-deliveries',
      text: `select id, seq, kind, media_type as "mediaType", body, bytes, attempt_count as attempts from delivery
         where subscription_id = $1 and seq > $2 and state = 'pending' order by seq limit $3`,
      values: [subscriptionId, String(after), limit],
    });
    return rows.map((row) => ({ ...row, seq: BigInt(row.seq) }));
  }

  /** The delivery got through. `drained`: it was the last, and the turn is over; `lost`: the turn is no longer ours. */
  async delivered(turn: Turn, delivery: PendingDelivery, attempt: Attempt, ttlMs: number): Promise<AfterDelivery> {
    const { rows } = await this.#pool.query<{ more: boolean }>({
      name: 'delivered',
      text: `with done as (
           update subscription_state set done_seq = $3, pending_bytes = greatest(0, pending_bytes - $4),
             failures = 0, failing_since = null, last_delivered_at = now(),
             delivered_cursor = coalesce((select cursor from delivery where id = $5), delivered_cursor),
             claim = case when $3 < next_seq - 1 then claim end,
             claimed_until = case when $3 < next_seq - 1 then now() + $7 * interval '1 millisecond' end,
             turn_at = case when $3 < next_seq - 1 then turn_at end
           where subscription_id = $1 and claim = $2 and start_rev = $8 and done_seq < $3
           returning turn_at is not null as more
         ),
         sent as (
           update delivery set state = 'delivered', body = null, finished_at = now(), ${attempted('$6')}
           where id = $5 and exists (select from done)
         )
         select more from done`,
      values: [
        turn.subscriptionId,
        turn.claim,
        String(delivery.seq),
        delivery.bytes,
        delivery.id,
        stored(attempt),
        ttlMs,
        turn.startRev,
      ],
    });
    if (rows[0]) return rows[0].more ? 'more' : 'drained';
    await this.#note(delivery, attempt);
    return 'lost';
  }

  /** It did not get through; the turn is over, and the next one is due after `retryMs`. */
  async failed(turn: Turn, delivery: PendingDelivery, attempt: Attempt, retryMs: number): Promise<void> {
    if (!(await this.#fail(turn, delivery, attempt, retryMs, this.#pool))) await this.#note(delivery, attempt);
  }

  /**
   * It did not get through, and nothing more is tried until somebody asks for it. `message` is published if and only if
   * that is so: where somebody has asked to try again meanwhile, there is another turn after `retryMs` instead.
   */
  async suspend(
    turn: Turn,
    delivery: PendingDelivery,
    attempt: Attempt,
    because: { reason: SuspensionReason; detail: string; retryMs: number; message: OutboxMessage },
  ): Promise<boolean> {
    return inTransaction(this.#pool, async (tx) => {
      const current = await tx.query('select from subscription where id = $1 and clock_rev = $2 for share', [
        turn.subscriptionId,
        turn.clockRev,
      ]);
      const ours = await this.#fail(turn, delivery, attempt, because.retryMs, tx);
      if (!ours) await this.#note(delivery, attempt, tx);
      if (!ours || current.rowCount === 0) return false;
      await tx.query(
        `update subscription_state set suspended_rev = $2, suspended_at = now(), suspended_reason = $3, suspended_detail = $4
         where subscription_id = $1`,
        [turn.subscriptionId, turn.clockRev, because.reason, because.detail],
      );
      await addToOutbox(tx, turn.subscriptionId, because.message);
      return true;
    });
  }

  /** Gives the turn back in good order; true where there is more to send. */
  async giveBack(turn: Turn): Promise<boolean> {
    const { rows } = await this.#pool.query<{ more: boolean }>(
      `update subscription_state set claim = null, claimed_until = null,
         turn_at = case when done_seq < next_seq - 1 then now() end
       where subscription_id = $1 and claim = $2 returning turn_at is not null as more`,
      [turn.subscriptionId, turn.claim],
    );
    return rows[0]?.more ?? false;
  }

  /** Turns of the subscriptions that a replica plans, which should have begun `graceMs` ago and have not. */
  async overdue(replica: string, graceMs: number): Promise<OverdueTurn[]> {
    const { rows } = await this.#pool.query<OverdueTurn>(
      `select st.subscription_id as "subscriptionId", st.failures > 0 as troubled
       from subscription_state st join subscription s on s.id = st.subscription_id
       where st.replica = $1 and st.leased_until >= now() and not s.paused and st.start_rev = s.start_rev
         and st.suspended_rev is distinct from s.clock_rev
         and (st.claimed_until is null or st.claimed_until < now())
         and (st.turn_at <= now() - $2 * interval '1 millisecond'
           or (st.turn_at is not null and st.clock_rev < s.clock_rev))
       order by st.subscription_id`,
      [replica, graceMs],
    );
    return rows;
  }

  async #fail(
    turn: Turn,
    delivery: PendingDelivery,
    attempt: Attempt,
    retryMs: number,
    runner: Queryable,
  ): Promise<boolean> {
    const { outcome, status } = attempt;
    const { rowCount } = await runner.query(
      `with failed as (
         update subscription_state set failures = failures + 1, failing_since = coalesce(failing_since, now()),
           last_failure = $4, claim = null, claimed_until = null, turn_at = now() + $5 * interval '1 millisecond'
         where subscription_id = $1 and claim = $2 and start_rev = $6 returning 1
       )
       update delivery set ${attempted('$7')} where id = $3 and exists (select from failed)`,
      [
        turn.subscriptionId,
        turn.claim,
        delivery.id,
        { at: attempt.at, outcome, ...(status === undefined ? {} : { status }) },
        retryMs,
        turn.startRev,
        stored(attempt),
      ],
    );
    return rowCount === 1;
  }

  /** Of an attempt whose turn was lost meanwhile: the ledger shall have it all the same. */
  async #note(delivery: PendingDelivery, attempt: Attempt, runner: Queryable = this.#pool): Promise<void> {
    await runner.query(`update delivery set ${attempted('$2')} where id = $1`, [delivery.id, stored(attempt)]);
  }
}

const stored = ({ at, outcome, status, latencyMs, excerpt }: Attempt): string =>
  JSON.stringify({ at, outcome, status, latencyMs, excerpt });
