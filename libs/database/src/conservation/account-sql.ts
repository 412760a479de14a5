/**
 * The account, as a table expression. Of every minute of a run:
 *
 *     received = stored + duplicate + corrected + superseded + parked + dropped by named rules + in_flight + missing
 *
 * where the named rules are `unchanged`, those of `set_aside`, `unacknowledged`, `expired`, `unknown_connection` and
 * `discarded`. `missing` is what is left over, zero when the account balances. Its causes, without sign, add up to
 * `imbalance`:
 *
 * - lost: confirmed by the bus and never arrived, though nothing that was confirmed as early is under way any more
 *   (`holes` are their numbers);
 * - forgotten: received by an adapter that still runs, and long afterwards neither published nor dropped by a rule;
 * - invented: published, though the adapter did not receive it;
 * - miscounted: arrived, and counted more or less often than once.
 *
 * What was found balanced is final and only added up; the rest is judged each time it is looked at.
 */
export const CONSERVATION = `(
  select
    workspace_id, minute, connection_id, run, checked, ctid as version,
    stored + duplicate + corrected + superseded + parked_points + expired + unknown_connection + discarded
      + unchanged + set_aside_points + unacknowledged + released as received,
    stored, duplicate, corrected, superseded, parked_points as parked,
    expired, unknown_connection, discarded, unchanged, set_aside, set_aside_points,
    unacknowledged + released as unacknowledged,
    0::bigint as in_flight, 0::bigint as missing, 0::bigint as imbalance, '{}'::int8multirange as holes,
    redelivered, source_from, source_to
  from conservation_minute
  where checked
  union all
  select
    m.workspace_id, m.minute, m.connection_id, m.run, m.checked, m.ctid,
    case when m.run = '' then a.outcomes
      else m.unchanged + m.set_aside_points + m.unacknowledged + a.handed + b.waiting - b.invented end,
    m.stored, m.duplicate, m.corrected, m.superseded, m.parked_points,
    m.expired, m.unknown_connection, m.discarded, m.unchanged, m.set_aside, m.set_aside_points,
    m.unacknowledged + case when a.over then c.pending else 0 end,
    c.under_way + case when a.over then 0 else c.pending - c.forgotten end,
    c.lost + c.forgotten - b.invented + c.miscounted,
    c.lost + c.forgotten + b.invented + abs(c.miscounted),
    b.holes,
    m.redelivered, m.source_from, m.source_to
  from conservation_minute m
  cross join lateral (select
    -- Can nothing of this run be published any more? One that crashed before it first reported has left no epoch.
    m.ended or case
      when m.epoch is null then m.minute < now() - interval '10 minutes'
      else not exists (select from connection_lease l
        where l.connection_id = m.connection_id and l.epoch = m.epoch and l.leased_until >= now())
    end as over,
    m.stored + m.duplicate + m.corrected + m.superseded + m.parked_points
      + m.expired + m.unknown_connection + m.discarded as outcomes,
    -- What the adapter had to number, by its own count of what it received.
    m.received - m.unchanged - m.set_aside_points - m.unacknowledged as passed,
    -- A run that crashed may have handed over more than it had time to report.
    greatest(m.numbered, coalesce(upper(m.covered), 0), m.confirmed_below) as handed,
    case when m.confirmed_below > 0 then int8multirange(int8range(0, m.confirmed_below)) else '{}' end as below,
    (select settled_before from conservation_horizon) as settled_before
    offset 0
  ) a
  cross join lateral (select
    greatest(a.passed - a.handed, 0) as waiting,
    case when m.sent_at is null then 0 else greatest(m.numbered - a.passed, 0) end as invented,
    m.confirmed + a.below as confirmed,
    (case when m.confirmed_at <= a.settled_before then m.confirmed else '{}' end
      + case when m.confirmed_below_at <= a.settled_before then a.below else '{}' end) - m.covered as holes
    offset 0
  ) b
  cross join lateral (select
    numbers_in(b.holes) as lost,
    numbers_in(b.confirmed - m.covered) - numbers_in(b.holes) as under_way,
    case when m.past and not a.over then b.waiting else 0 end as forgotten,
    case when m.run = '' then 0 else numbers_in(m.covered) - a.outcomes end as miscounted,
    case when m.run = '' then 0 else b.waiting + a.handed - numbers_in(b.confirmed + m.covered) end as pending
    offset 0
  ) c
  where not m.checked
)`;
