import type { Fault } from '../plan/faults.ts';
import type { World } from '../world/world.ts';
import type { Injection } from './injection.ts';

type OfDatabase = Extract<Fault, { kind: `database-${string}` }>;

/** Every statement that inserts there finds the disk full, as the server would say it. */
const FULL = `
  create or replace function chaos_disk_full() returns trigger language plpgsql as $$
    begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
  create or replace trigger chaos_disk_full before insert on point for each statement execute function chaos_disk_full();
  create or replace trigger chaos_disk_full before insert on outbox for each statement execute function chaos_disk_full()`;
const NOT_FULL = 'drop function if exists chaos_disk_full() cascade';
/** The campaign's own looks stay. */
const TERMINATE = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()`;

export function injectIntoDatabase(fault: OfDatabase, { world, progress, turns }: Injection): Promise<void> {
  const { postgres } = world.backings;
  return turns.take('postgres', async () => {
    switch (fault.kind) {
      case 'database-stop':
        await postgres.kill();
        await progress.producedMore(fault.forPoints);
        return postgres.start();
      case 'database-terminate':
        await world.database.query(TERMINATE);
        return;
      case 'database-read-only':
        await readOnly(world, true);
        await progress.producedMore(fault.forPoints);
        return readOnly(world, false);
      case 'database-full':
        await world.database.query(FULL);
        await progress.producedMore(fault.forPoints);
        await world.database.query(NOT_FULL);
        return;
    }
  });
}

/** As after a fail-over to a standby: what is open learns it with its next transaction. */
async function readOnly(world: World, on: boolean): Promise<void> {
  await world.database.query('set default_transaction_read_only = off');
  await world.database.query(`alter system set default_transaction_read_only = ${on ? 'on' : 'off'}`);
  await world.database.query('select pg_reload_conf()');
}
