import type { Queryable } from '../transaction.ts';
import type { NewBackfill } from './backfill-rows.ts';

/** What somebody waits for goes before what the house mends by itself; within a backfill, part by part. */
const URGENCY = { asked: 0, repair: 1_000_000 };

export async function insertParts(tx: Queryable, id: string, draft: NewBackfill): Promise<void> {
  if (draft.parts.length === 0) return;
  const text = (pick: (part: NewBackfill['parts'][number]) => string | null) => draft.parts.map(pick);
  await tx.query(
    `insert into backfill_part (backfill_id, number, workspace_id, connection_id, device_id, native_id, stream_part,
       signals, from_ts, to_ts, urgency, estimated_calls)
     select $1, p.number - 1, $2, $3, p.device_id, p.native_id, p.stream_part, $4, to_timestamp(p.from_ms / 1000),
       to_timestamp(p.to_ms / 1000), $5 + p.number, p.calls
     from unnest($6::text[], $7::text[], $8::text[], $9::float8[], $10::float8[], $11::int[])
       with ordinality as p(device_id, native_id, stream_part, from_ms, to_ms, calls, number)`,
    [
      id,
      draft.workspace,
      draft.connectionId,
      draft.signals ?? [],
      URGENCY[draft.kind],
      text((part) => ('deviceId' in part ? part.deviceId : null)),
      text((part) => ('deviceId' in part ? part.nativeId : null)),
      text((part) => ('streamPart' in part ? part.streamPart : null)),
      draft.parts.map(({ fromMs }) => fromMs),
      draft.parts.map(({ toMs }) => toMs),
      draft.parts.map(({ estimatedCalls }) => Math.round(estimatedCalls)),
    ],
  );
}
