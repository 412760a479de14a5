import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import { AdapterReplicas } from './adapter-replicas.ts';
import { ConnectionLeases } from './connection-leases.ts';

let db: ScratchDatabase;
let replicas: AdapterReplicas;
let platform: string;
let serial = 0;

beforeAll(async () => {
  db = await scratchDatabase();
  replicas = new AdapterReplicas(db);
});
afterAll(() => db.drop());
beforeEach(() => {
  platform = `platform-${++serial}`;
});

const alive = (replica: string, capacity = 100, ttlMs = 60_000) =>
  replicas.alive({ platform, replica, capacity, ttlMs });
const census = (replica: string) => replicas.census({ platform, replica });

describe('AdapterReplicas', () => {
  it('counts who lives, what is owned, and what the others lack within their capacity', async () => {
    for (let n = 0; n < 10; n += 1) await db.addConnection({ platform });
    await new ConnectionLeases(db).acquire({ platform, replica: 'a', max: 7, ttlMs: 60_000 });
    await alive('a');
    expect(await census('a')).toEqual({ total: 10, free: 3, mine: 7, others: 0, wantedElsewhere: 0 });
    await alive('b', 3);
    await alive('c');
    // An even share of ten for three is four: b has room for three.
    expect(await census('a')).toEqual({ total: 10, free: 3, mine: 7, others: 2, wantedElsewhere: 7 });
    expect(await census('b')).toEqual({ total: 10, free: 3, mine: 0, others: 2, wantedElsewhere: 4 });
  });

  it('forgets whoever has signed off, and whoever has not been heard of', async () => {
    await db.addConnection({ platform });
    await alive('a');
    await alive('b', 10, -1);
    await alive('c');
    expect(await census('a')).toMatchObject({ others: 1 });
    await replicas.gone({ platform, replica: 'c' });
    expect(await census('a')).toMatchObject({ others: 0 });
    await db.pool.query(`update adapter_replica set alive_until = now() - interval '2 hours' where replica = 'b'`);
    await alive('a');
    const { rows } = await db.pool.query('select replica from adapter_replica where platform = $1', [platform]);
    expect(rows).toEqual([{ replica: 'a' }]);
  });

  it('looks at one platform alone', async () => {
    await alive('a');
    await replicas.alive({ platform: 'another', replica: 'z', capacity: 5, ttlMs: 60_000 });
    expect(await census('a')).toEqual({ total: 0, free: 0, mine: 0, others: 0, wantedElsewhere: 0 });
  });
});
