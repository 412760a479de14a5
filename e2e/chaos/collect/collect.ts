import type { Facts, LimitFact, ParkedRow } from '../check/facts.ts';
import type { Made } from '../inject/injection.ts';
import type { Company } from '../load/company.ts';
import type { World } from '../world/world.ts';
import { settledAccounts } from './accounts.ts';
import { collectCommands, collectRecords } from './commands.ts';
import { collectCoverage } from './coverage.ts';
import { collectEvents } from './events.ts';
import { collectPoints } from './points.ts';

const TWINS = 'select series_id, ts::text from point group by series_id, ts having count(*) > 1';
/**
 * Messages alone: items that an adapter sets aside came from a platform that was made to answer badly. Bytes that are no
 * text stay readable: only what is not ASCII is escaped.
 */
const PARKED = "select reason, encode(payload, 'escape') as payload from parked_message where kind = 'message'";
const OLDER = `
  select l.series_id::text as series, l.ts::text as latest, p.ts::text as newest from series_latest l
  join lateral (select max(ts) as ts from point where series_id = l.series_id) p on p.ts <> l.ts`;
/** Rows that name another workspace than the connection they belong to. */
const MIXED = `
  select 'device ' || d.id as what from device d join connection c on c.id = d.connection_id where c.workspace_id <> d.workspace_id
  union all select 'series ' || s.id from series s join device d on d.id = s.device_id where s.workspace_id <> d.workspace_id
  union all select 'command ' || m.id from command m join connection c on c.id = m.connection_id where c.workspace_id <> m.workspace_id
  union all select 'platform event ' || e.id from platform_event e join connection c on c.id = e.connection_id
    where c.workspace_id <> e.workspace_id`;
const TABLES = `
  select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'public' and c.relkind = 'r' and not c.relispartition`;

/** Everything that the checker asks for. */
export async function collectFacts(
  world: World,
  company: Company,
  { made, stuck, failedFaults }: { made: Made; stuck: readonly string[]; failedFaults: readonly string[] },
): Promise<Facts> {
  const { database, logs } = world;
  const lines = async (sql: string) => (await database.query(sql)).map((row) => Object.values(row).join(' '));
  const points = await collectPoints(world);
  const { events, leaks } = await collectEvents(world, company);
  return {
    points,
    twins: await lines(TWINS),
    accounts: await settledAccounts(world),
    commands: await collectCommands(world, company),
    records: await collectRecords(company),
    events,
    parked: { rows: await database.query<ParkedRow & Record<string, unknown>>(PARKED), poison: made.poison },
    outboxLeft: (await database.number('select count(*) as n from outbox')) ?? 0,
    latest: { wentBack: company.sampler.wentBack, looks: company.sampler.looks, olderThanPoints: await lines(OLDER) },
    mixed: [...company.sampler.mixed, ...(await lines(MIXED))],
    limits: limitsOf(world, made),
    memoryMb: company.sampler.memoryMb,
    logs: { troubles: logs.troubles, leaks: logs.leaks },
    secretsFound: [...leaks, ...(await secretsInTables(world))],
    coverage: await collectCoverage(world, points),
    stuck,
    failedFaults,
  };
}

const limitsOf = ({ platforms }: World, made: Made): LimitFact[] =>
  platforms.map(({ platform, simulator, refusedByLimit }) => ({
    platform,
    refused: refusedByLimit(),
    asked: simulator.journal.position,
    forgotten: made.budgetsForgotten,
  }));

async function secretsInTables({ database, logs }: World): Promise<string[]> {
  const found: string[] = [];
  const patterns = logs.secrets.map((secret) => `%${secret}%`);
  for (const { name } of await database.query<{ name: string }>(TABLES)) {
    const sql = `select count(*) as n from "${name}" t where t::text like any($1)`;
    const [row] = await database.query<{ n: string }>(sql, [patterns]);
    if (Number(row?.n) > 0) found.push(`${row?.n} rows of ${name} hold a secret`);
  }
  return found;
}
