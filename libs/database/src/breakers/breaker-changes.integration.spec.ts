import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import { type BreakerChange, BreakerChanges } from './breaker-changes.ts';

let db: ScratchDatabase;
let changes: BreakerChanges;
let connectionId: string;
let rev = 0n;

beforeAll(async () => {
  db = await scratchDatabase();
  changes = new BreakerChanges(db);
});
afterAll(() => db.drop());
beforeEach(async () => {
  connectionId = await db.addConnection({ platform: 'acme' });
});

const adapter = (replica: string) => ({ service: 'adapter' as const, replica });
const change = (from: BreakerChange['from'], to: BreakerChange['to'], rest: Partial<BreakerChange> = {}) => {
  rev += 1n;
  const at = new Date();
  return { connectionId, class: 'read' as const, from, to, at, lastAt: at, times: 1, failures: 5, rev, ...rest };
};
const rows = async () => {
  const { rows } = await db.pool.query(
    'select from_state, to_state, times, code from breaker_change where connection_id = $1 order by id',
    [connectionId],
  );
  return rows;
};
const silence = (replica: string) =>
  db.pool.query(`update breaker_change set seen_at = now() - interval '1 minute' where replica = $1`, [replica]);

describe('changes of breakers', () => {
  it('are kept with their cause, alike ones within a while as one', async () => {
    await changes.add(adapter('a'), [change('closed', 'open', { code: 'timeout' })]);
    for (let i = 0; i < 3; i += 1) {
      await changes.add(adapter('a'), [
        change('open', 'half-open'),
        change('half-open', 'open', { code: 'unavailable' }),
      ]);
    }
    await changes.add(adapter('b'), [change('closed', 'open', { code: 'timeout' })]);
    expect(await rows()).toEqual([
      { from_state: 'closed', to_state: 'open', times: 1, code: 'timeout' },
      { from_state: 'open', to_state: 'half-open', times: 3, code: null },
      { from_state: 'half-open', to_state: 'open', times: 3, code: 'unavailable' },
      { from_state: 'closed', to_state: 'open', times: 1, code: 'timeout' },
    ]);
  });

  it('are told apart again after ten minutes, and after an hour in any case', async () => {
    const minutesAgo = (minutes: number) => {
      const at = new Date(Date.now() - minutes * 60_000);
      return { at, lastAt: at };
    };
    for (let minutes = 100; minutes > 30; minutes -= 5) {
      await changes.add(adapter('a'), [change('open', 'half-open', minutesAgo(minutes))]);
    }
    await changes.add(adapter('a'), [change('open', 'half-open', minutesAgo(5))]);
    expect((await rows()).map(({ times }) => times)).toEqual([12, 2, 1]);
  });

  it('of connections that nobody knows are passed over, and the others written', async () => {
    const unknown = { connectionId: `con_${'z'.repeat(26)}` };
    await changes.add(adapter('a'), [change('closed', 'open', unknown), change('closed', 'open')]);
    expect(await rows()).toHaveLength(1);
  });
});

describe('how breakers are', () => {
  const states = async () =>
    (await changes.of(connectionId)).map((b) => `${b.service} ${b.replica} ${b.class} ${b.state}`);

  it('is what each replica last told, as long as it lives', async () => {
    await changes.add(adapter('a'), [change('closed', 'open'), change('open', 'half-open')]);
    await changes.add(adapter('b'), [change('closed', 'open', { class: 'command' })]);
    await changes.add({ service: 'api', replica: 'x' }, [change('closed', 'open'), change('half-open', 'closed')]);
    expect(await states()).toEqual(['adapter a read half-open', 'adapter b command open', 'api x read closed']);
    await silence('a');
    expect(await states()).toEqual(['adapter b command open', 'api x read closed']);
  });

  it('lasts while the replica says that it is still so', async () => {
    const open = change('closed', 'open');
    await changes.add(adapter('a'), [open]);
    await silence('a');
    await changes.stillSo('b', [open]);
    expect(await states()).toEqual([]);
    await changes.stillSo('a', [open]);
    expect(await states()).toEqual(['adapter a read open']);
  });

  it('is nothing any more once the breaker is let go', async () => {
    await changes.add(adapter('a'), [change('closed', 'open')]);
    await changes.add(adapter('a'), [change('open', 'closed', { code: 'let-go' })]);
    expect(await states()).toEqual([]);
  });

  it('is known to other replicas of the platform, and to no other platform', async () => {
    const elsewhere = async (platform: string, replica: string) =>
      (await changes.elsewhere(platform, replica))
        .filter((b) => b.connectionId === connectionId)
        .map((b) => `${b.replica} ${b.state}`);
    await changes.add(adapter('a'), [change('closed', 'open')]);
    await changes.add({ service: 'api', replica: 'x' }, [change('closed', 'open')]);
    expect(await elsewhere('acme', 'b')).toEqual(['a open']);
    expect(await elsewhere('acme', 'a')).toEqual([]);
    expect(await elsewhere('other', 'b')).toEqual([]);
    await changes.add(adapter('a'), [change('open', 'half-open')]);
    expect(await elsewhere('acme', 'b')).toEqual(['a half-open']);
    await changes.add(adapter('a'), [change('half-open', 'closed')]);
    expect(await elsewhere('acme', 'b')).toEqual([]);
  });
});
