import { newEventId, newId } from '@tributary/runtime';
import type pg from 'pg';

/**
 * One row of every table that holds what is a workspace's, with `<workspace>-only` in a text of it: so a row tells whose it
 * is wherever it turns up. A table that is not in here fails the test of the fence by name.
 */
export async function seedEveryTable(pool: pg.Pool, workspace: string): Promise<void> {
  const mark = `${workspace}-only`;
  const [connection, device, command] = [newId('con'), `dev_${workspace}`, newId('cmd')];
  const add = (table: string, row: Record<string, unknown>) => insert(pool, table, row);
  const now = new Date();
  const told = { workspace_id: workspace, platform: 'acme', connection_id: connection };
  await add('workspace', { id: workspace, name: mark });
  await add('api_key', {
    id: newId('key'),
    workspace_id: workspace,
    name: mark,
    secret_hash: Buffer.alloc(32),
    scopes: [],
  });
  await add('connection', {
    id: connection,
    workspace_id: workspace,
    platform: 'acme',
    name: mark,
    settings: {},
    credentials: '',
    credentials_fingerprint: '',
    credentials_updated_at: now,
    updated_at: now,
  });
  const ofConnection = { connection_id: connection, updated_at: now };
  await add('connection_status', { ...ofConnection, status: 'connected', rev: 1, since: now, reason: mark });
  await add('connection_lease', { ...ofConnection, replica: mark });
  await add('checkpoint', { ...ofConnection, name: mark, value: {}, version: 1, epoch: 1 });
  const changed = { connection_id: connection, workspace_id: workspace, rev: 1, at: now };
  await add('connection_status_change', { ...changed, status: 'connected', reason: mark });
  await add('connection_touch', { connection_id: connection, workspace_id: workspace, scope: mark, at: now });
  await add('breaker_change', {
    ...changed,
    service: 'api',
    replica: mark,
    class: 'read',
    from_state: 'closed',
    to_state: 'open',
    last_at: now,
    seen_at: now,
  });
  await add('conservation_minute', { workspace_id: workspace, connection_id: connection, run: mark, minute: now });
  await add('coverage_span', {
    workspace_id: workspace,
    connection_id: connection,
    from_ts: new Date(now.getTime() - 1_000),
    to_ts: now,
    settled_to: now,
    stated_at: now,
    state: 'complete',
    source: mark,
  });
  await add('pending_login', {
    state_hash: Buffer.from(mark),
    connection_id: connection,
    workspace_id: workspace,
    nonce: '',
    carry: '',
    actor: mark,
    expires_at: now,
  });
  await add('space', {
    id: `spc_${workspace}`,
    workspace_id: workspace,
    connection_id: connection,
    native_id: '1',
    name: mark,
    kind: 'room',
    rev: 1,
    updated_at: now,
  });
  await add('device', { ...told, id: device, native_id: mark, name: mark, state: 'known' });
  await add('attribute', { device_id: device, scope: 'shared', name: mark, rev: 1, observed_at: now });
  // Before the series: a trigger adds it else.
  await add('device_watch', { device_id: device, workspace_id: workspace, source: mark });
  await add('device_silence', {
    device_id: device,
    workspace_id: workspace,
    connection_id: connection,
    number: 1,
    since: now,
    noticed_at: now,
    every_ms: 1,
    stale_after_ms: 1,
    link: mark,
    cause: {},
  });
  const evidence = { connection_id: connection, workspace_id: workspace, epoch: 1, seen_at: now, evidence: { mark } };
  await add('connection_evidence', evidence);
  const { id: series } = await add('series', { device_id: device, signal: mark });
  const cadence = { every_ms: 1, slow_ms: 1, stale_after_ms: 1, samples: 1, source: mark };
  await add('series_cadence', { series_id: series, workspace_id: workspace, ...cadence });
  const point = { series_id: series, ts: now, rev: 1, text: mark };
  await add('series_latest', { ...point, first_ts: now });
  await add('point', point);
  await add('point_revision', { ...point, value_key: newEventId() });
  await add('command', {
    ...told,
    id: command,
    device_id: device,
    native_id: '1',
    name: mark,
    params: {},
    state: 'accepted',
    expires_at: now,
    updated_at: now,
  });
  await add('command_transition', { command_id: command, step: 1, state: 'accepted', at: now, evidence: { mark } });
  await add('file', {
    id: `fil_${workspace}`,
    workspace_id: workspace,
    device_id: device,
    name: mark,
    location: 'platform',
    rev: 1,
    updated_at: now,
  });
  await add('platform_event', { ...told, id: newEventId(), device_id: device, name: mark, ts: now, details: {} });
  await add('parked_message', {
    id: newId('prk'),
    workspace_id: workspace,
    queue: 'q',
    exchange: 'e',
    routing_key: 'k',
    headers: {},
    reason: mark,
    problems: '[]',
    payload: Buffer.alloc(1),
    digest: Buffer.from(mark),
    state: 'parked',
  });
  const job = { id: newId('pjb'), workspace_id: workspace, kind: 'replay', selection: {}, actor: mark };
  await add('parked_job', { ...job, state: 'completed', total: 0 });
  await add('parked_news', { workspace_id: workspace, fingerprint: mark, told_at: now });
  const subscription = newId('sub');
  await add('subscription', {
    id: subscription,
    workspace_id: workspace,
    url: 'https://hooks.example',
    description: mark,
    events: '[]',
    secrets: '',
    secret_updated_at: now,
    start: {},
    updated_at: now,
  });
  const ofSubscription = { subscription_id: subscription, workspace_id: workspace };
  await add('subscription_state', { ...ofSubscription, replica: mark });
  await add('delivery', {
    ...ofSubscription,
    id: newId('dlv'),
    seq: 1,
    kind: 'events',
    state: 'pending',
    media_type: mark,
    bytes: 0,
  });
  const backfill = newId('bkf');
  const ofBackfill = { workspace_id: workspace, connection_id: connection, from_ts: new Date(0), to_ts: now };
  await add('backfill', {
    ...ofBackfill,
    id: backfill,
    kind: 'asked',
    state: 'planned',
    asked_by: mark,
    estimated_calls: 1,
    estimated_ms: 1,
  });
  await add('backfill_part', {
    ...ofBackfill,
    backfill_id: backfill,
    number: 0,
    stream_part: mark,
    urgency: 0,
    estimated_calls: 1,
  });
  await add('idempotency_key', {
    workspace_id: workspace,
    key: mark,
    request_hash: Buffer.alloc(1),
    attempt: '1',
    locked_until: now,
  });
  await add('audit_log', { workspace_id: workspace, actor: mark, action: 'test', details: {} });
}

async function insert(pool: pg.Pool, table: string, row: Record<string, unknown>): Promise<{ id: unknown }> {
  const columns = Object.keys(row);
  const places = columns.map((_, index) => `$${index + 1}`);
  const { rows } = await pool.query(
    `insert into ${table} (${columns.join(', ')}) values (${places.join(', ')}) returning *`,
    Object.values(row),
  );
  return rows[0];
}
