import type { SilenceCause } from '@tributary/contracts';
import type pg from 'pg';
import type { Database } from '../database.ts';
import { addToOutbox } from '../outbox/outbox.ts';
import { milliseconds } from '../telemetry/value-columns.ts';
import { inTransaction } from '../transaction.ts';
import type { Cadence } from './cadence.ts';
import { recoveredEvent, type SilenceNews, type SilentDevice, staleEvent, type ToldSilence } from './silence-events.ts';
import type { Verdict } from './verdict.ts';

/** What came of looking at a device. */
export interface Looked {
  device: SilentDevice & { silences: number };
  lookAtMs: number;
  verdict?: Pick<Verdict, 'everyMs' | 'staleAfterMs' | 'source'> | undefined;
  /** It has become silent. */
  silent?: { sinceMs: number; cause: SilenceCause };
  /** It is silent still, and this is why. */
  cause?: SilenceCause | undefined;
  /** Something came again. */
  untilMs?: number;
}

export interface LearnedCadence extends Cadence {
  seriesId: number;
  staleAfterMs: number;
  source: Verdict['source'];
}

/** What the watch writes. Each change of a device is told once, with what is written of it, whoever else watches. */
export class SilenceBook {
  readonly #db: Pick<Database, 'pool'>;

  constructor(db: Pick<Database, 'pool'>) {
    this.#db = db;
  }

  /** All of it or nothing. Returns how many have become silent and how many have come back. */
  async write(looked: readonly Looked[], nowMs: number): Promise<{ silent: number; recovered: number }> {
    const sorted = looked.toSorted((a, b) => (a.device.deviceId < b.device.deviceId ? -1 : 1));
    const counts = { silent: 0, recovered: 0 };
    await inTransaction(this.#db.pool, async (tx) => {
      await this.#setLooks(tx, sorted);
      for (const { device, verdict, silent, cause, untilMs } of sorted) {
        if (silent && verdict) {
          const silence = { ...device, ...verdict, ...silent, number: device.silences + 1 };
          if (await openSilence(tx, silence, nowMs)) {
            await tell(tx, staleEvent(silence, nowMs));
            counts.silent += 1;
          }
        } else if (untilMs !== undefined) {
          if (await this.#close(tx, device, nowMs, untilMs)) counts.recovered += 1;
        } else if (cause) await changeCause(tx, device, cause);
      }
    });
    return counts;
  }

  /** It was told to the bus while this could not be written. Who has written it before is right. */
  async writeTold(silences: readonly { silence: ToldSilence; noticedMs: number }[]): Promise<void> {
    const sorted = silences.toSorted((a, b) => (a.silence.deviceId < b.silence.deviceId ? -1 : 1));
    await inTransaction(this.#db.pool, async (tx) => {
      for (const { silence, noticedMs } of sorted) await openSilence(tx, silence, noticedMs);
      await tx.query('update device_watch set look_at = now() where device_id = any($1)', [
        sorted.map(({ silence }) => silence.deviceId),
      ]);
    });
  }

  async writeCadences(learned: readonly LearnedCadence[]): Promise<void> {
    if (learned.length === 0) return;
    const sorted = learned.toSorted((a, b) => a.seriesId - b.seriesId);
    await this.#db.pool.query(
      `insert into series_cadence (series_id, workspace_id, every_ms, slow_ms, stale_after_ms, samples, source)
       select s.id, s.workspace_id, i.every_ms, i.slow_ms, i.stale_ms, i.samples, i.source
       from unnest($1::int[], $2::int[], $3::int[], $4::int[], $5::int[], $6::text[])
         as i(id, every_ms, slow_ms, stale_ms, samples, source) join series s on s.id = i.id
       order by s.id
       on conflict (series_id) do update set every_ms = excluded.every_ms, slow_ms = excluded.slow_ms,
         stale_after_ms = excluded.stale_after_ms, samples = excluded.samples, source = excluded.source, learned_at = now()`,
      [
        sorted.map(({ seriesId }) => seriesId),
        sorted.map(({ everyMs }) => everyMs),
        sorted.map(({ slowMs }) => slowMs),
        sorted.map((cadence) => cadence.staleAfterMs),
        sorted.map(({ samples }) => samples),
        sorted.map(({ source }) => source),
      ],
    );
  }

  /** What is long over. Returns how many. */
  async dropBefore(untilMs: number): Promise<number> {
    const { rowCount } = await this.#db.pool.query('delete from device_silence where until < $1', [new Date(untilMs)]);
    return rowCount ?? 0;
  }

  async #setLooks(tx: pg.PoolClient, looked: readonly Looked[]): Promise<void> {
    await tx.query(
      `update device_watch w set look_at = i.look_at, every_ms = i.every_ms, stale_after_ms = i.stale_ms, source = i.source
       from (select * from unnest($1::text[], $2::timestamptz[], $3::int[], $4::int[], $5::text[])
         as u(id, look_at, every_ms, stale_ms, source) order by id) i
       where w.device_id = i.id`,
      [
        looked.map(({ device }) => device.deviceId),
        looked.map(({ lookAtMs }) => new Date(lookAtMs)),
        looked.map(({ verdict }) => verdict?.everyMs ?? null),
        looked.map(({ verdict }) => verdict?.staleAfterMs ?? null),
        looked.map(({ verdict }) => verdict?.source ?? null),
      ],
    );
  }

  async #close(tx: pg.PoolClient, device: Looked['device'], nowMs: number, untilMs: number): Promise<boolean> {
    const { rows } = await tx.query<{ sinceMs: number; everyMs: number; staleAfterMs: number; cause: SilenceCause }>(
      `update device_silence set until = $3 where device_id = $1 and number = $2 and until is null
       returning ${milliseconds('since')} as "sinceMs", every_ms as "everyMs", stale_after_ms as "staleAfterMs", cause`,
      [device.deviceId, device.silences, new Date(untilMs)],
    );
    await tx.query('update device_watch set silent = false where device_id = $1 and silences = $2', [
      device.deviceId,
      device.silences,
    ]);
    const [over] = rows;
    if (!over) return false;
    await tell(tx, recoveredEvent({ ...device, ...over, number: device.silences }, nowMs, untilMs));
    return true;
  }
}

/** False when somebody else has opened it. */
async function openSilence(tx: pg.PoolClient, silence: ToldSilence, noticedMs: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `with opened as (
       update device_watch set silent = true, silences = silences + 1
       where device_id = $1 and silences = $2 - 1 and not silent returning 1
     )
     insert into device_silence (device_id, workspace_id, connection_id, number, since, noticed_at, every_ms,
       stale_after_ms, link, cause)
     select $1, $3, $4, $2, $5, $6, $7, $8, $9, $10 from opened`,
    [
      silence.deviceId,
      silence.number,
      silence.workspace,
      silence.connectionId,
      new Date(silence.sinceMs),
      new Date(noticedMs),
      silence.everyMs,
      silence.staleAfterMs,
      silence.cause.link,
      JSON.stringify(silence.cause),
    ],
  );
  return rowCount === 1;
}

async function changeCause(tx: pg.PoolClient, device: Looked['device'], cause: SilenceCause): Promise<void> {
  await tx.query(
    `update device_silence set link = $3, cause = $4 where device_id = $1 and number = $2 and until is null`,
    [device.deviceId, device.silences, cause.link, JSON.stringify(cause)],
  );
}

const tell = (tx: pg.PoolClient, { event, routing }: SilenceNews): Promise<void> =>
  addToOutbox(tx, event.subject, { kind: 'event', event, routing });
