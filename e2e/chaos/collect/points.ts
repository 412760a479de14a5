import type { GapFact, PointFacts, TrueFact } from '../check/facts.ts';
import type { StagedConnection, World } from '../world/world.ts';

interface StoredRow extends Record<string, unknown> {
  connection_id: string;
  native_id: string;
  signal: string;
  ts_ms: string;
  number: number | null;
  boolean: boolean | null;
  text: string | null;
  json: unknown;
}

interface GapRow extends Record<string, unknown> {
  connection_id: string;
  native_id: string | null;
  details: { from: string; to: string; spaceNativeId?: string };
}

const STORED = `
  select d.connection_id, d.native_id, s.signal, round(extract(epoch from p.ts) * 1000)::bigint::text as ts_ms,
         p.number, p.boolean, p.text, p.json
  from point p join series s on s.id = p.series_id join device d on d.id = s.device_id`;

const GAPS = `
  select e.connection_id, d.native_id, e.details from platform_event e left join device d on d.id = e.device_id
  where e.name = 'telemetry.gap'`;

/** Each device with each space that it is in, near or far. */
const SPACES = `
  with recursive held(device, connection, space) as (
    select native_id, connection_id, space_id from device where space_id is not null
    union select h.device, h.connection, s.parent_id from held h join space s on s.id = h.space
    where s.parent_id is not null)
  select h.connection as connection_id, h.device as native_id, s.native_id as space
  from held h join space s on s.id = h.space`;

/** What is stored of every connection beside what its platform produced. Throws while Postgres is away. */
export async function collectPoints({ database, connections }: World): Promise<PointFacts[]> {
  const stored = Map.groupBy(await database.query<StoredRow>(STORED), (row) => row.connection_id);
  const gaps = Map.groupBy(await database.query<GapRow>(GAPS), (row) => row.connection_id);
  const spaces = Map.groupBy(
    await database.query<{ connection_id: string; native_id: string; space: string }>(SPACES),
    (row) => row.connection_id,
  );
  return connections.map((connection) => ({
    ...about(connection),
    stored: (stored.get(connection.id) ?? []).map(point),
    gaps: (gaps.get(connection.id) ?? []).map(gap),
    spacesOf: new Map(
      [...Map.groupBy(spaces.get(connection.id) ?? [], (row) => row.native_id)].map(([device, rows]) => [
        device,
        new Set(rows.map(({ space }) => space)),
      ]),
    ),
  }));
}

function about({ id, workspace, platform }: StagedConnection) {
  return {
    connection: id,
    workspace,
    platform: platform.platform,
    truth: [...platform.simulator.truth.points()],
    ...(platform.tellsWhatHolds ? { tellsWhatHolds: true } : {}),
    ...(platform.replaysNothing ? { replaysNothing: platform.replaysNothing } : {}),
  };
}

const point = (row: StoredRow): TrueFact => ({
  device: row.native_id,
  signal: row.signal,
  ts: Number(row.ts_ms),
  value: row.number ?? row.boolean ?? row.text ?? row.json,
});

const gap = ({ native_id: device, details }: GapRow): GapFact => ({
  ...(device === null ? {} : { device }),
  ...(details.spaceNativeId === undefined ? {} : { space: details.spaceNativeId }),
  fromMs: Date.parse(details.from),
  toMs: Date.parse(details.to),
});
