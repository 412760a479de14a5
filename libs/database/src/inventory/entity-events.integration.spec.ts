import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { entityId, parseEvent } from '@tributary/contracts';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import { inTransaction } from '../transaction.ts';
import { tellOfEntity } from './entity-events.ts';

let db: ScratchDatabase;
beforeAll(async () => {
  db = await scratchDatabase();
});
afterAll(() => db.drop());

const tell = async (connectionId: string, action: 'created' | 'updated' | 'removed', name: string) =>
  inTransaction(db.pool, (tx) =>
    tellOfEntity(tx, {
      workspace: 'default',
      platform: 'acme',
      connectionId,
      action,
      at: new Date(),
      entity: { entityType: 'Room', nativeId: 'r/1', name, attributes: { name } },
    }),
  );

describe('tellOfEntity', () => {
  it('puts events in order with revs that an adapter’s fit between and above', async () => {
    const connectionId = await db.addConnection();
    const revOf = async () =>
      (
        await db.pool.query<{ ms: string }>('select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as ms')
      ).rows.map(({ ms }) => BigInt(ms) << 21n)[0] ?? 0n;
    const before = await revOf();
    for (let n = 0; n < 50; n += 1) await tell(connectionId, n ? 'updated' : 'created', `n${n}`);
    const { rows } = await db.pool.query<{ aggregate: string; message: { event: unknown; routing: object } }>(
      'select aggregate, message from outbox order by seq',
    );
    const revs = rows.map(({ aggregate, message }, n) => {
      const parsed = parseEvent(message.event);
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
      expect(parsed.name).toBe(n ? 'entity.updated' : 'entity.created');
      expect(parsed.event.subject).toBe(entityId(connectionId, 'Room', 'r/1'));
      expect(aggregate).toBe(parsed.event.subject);
      expect(message.routing).toMatchObject({ event: parsed.name, subjectId: aggregate });
      return BigInt((parsed.event.data as { rev: string }).rev);
    });
    const after = (await revOf()) + (1n << 21n);
    const all = [before, ...revs, after];
    expect(all.every((rev, n) => n === 0 || rev > (all[n - 1] ?? 0n) || (n === 1 && rev === before))).toBe(true);
  });

  it('tells nothing of what was rolled back', async () => {
    const connectionId = await db.addConnection();
    const failing = inTransaction(db.pool, async (tx) => {
      await tellOfEntity(tx, {
        workspace: 'default',
        platform: 'acme',
        connectionId,
        action: 'removed',
        at: new Date(),
        entity: { entityType: 'Room', nativeId: 'r/2', attributes: {} },
      });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    const { rowCount } = await db.pool.query('select 1 from outbox where aggregate = $1', [
      entityId(connectionId, 'Room', 'r/2'),
    ]);
    expect(rowCount).toBe(0);
  });
});
