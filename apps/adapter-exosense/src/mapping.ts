import {
  type AttributeReport,
  type DeviceSnapshot,
  digest,
  type NativeId,
  type PlatformEventReport,
  type PointValue,
  type SpaceRef,
} from '@tributary/adapter-kit';
import type { EntityRecord, Json, PlatformUser } from '@tributary/contracts';
import { z } from 'zod';
import type { Reading } from './signal-track.ts';
import { readTime } from './times.ts';
import { ucumOf } from './units.ts';
import { readValue } from './values.ts';
import {
  type Asset,
  type AssetStatus,
  datapoint,
  type Group,
  type Listed,
  type LogEntry,
  type Signal,
  type User,
} from './wire.ts';

const LONGEST_RATE_MS = 2_147_483_647;
const instant = (ms: number): string => new Date(ms).toISOString();

/** Members that are undefined, null or empty text are left out. */
function filled(members: Record<string, Json | null | undefined>): Record<string, Json> {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return Object.fromEntries(entries) as Record<string, Json>;
}

/**
 * `spaces`: where the asset is, outermost first. The names of signals are a property of the device: on the bus a signal
 * is its id, so that a new name does not begin a new series.
 */
export function deviceSnapshot(asset: Asset, signals: readonly Signal[], spaces: readonly SpaceRef[]): DeviceSnapshot {
  const kind = asset.assetType?.name ?? asset.template?.name;
  const named = signals.map(({ id, name }) => [id, name ?? id]);
  const reportsEveryMs = declaredCadence(signals);
  return {
    nativeId: asset.id,
    name: asset.name || asset.id,
    ...(kind ? { kind } : {}),
    ...(asset.description ? { description: asset.description } : {}),
    ...(reportsEveryMs === undefined ? {} : { reportsEveryMs }),
    spaces: [...spaces],
    properties: filled({
      locked: asset.locked,
      meta: asset.meta,
      template: asset.template?.name,
      signals: named.length > 0 ? Object.fromEntries(named) : undefined,
    }),
  };
}

/** What an asset's fastest signal is said to do; an archived one takes no data any more. Milliseconds. */
function declaredCadence(signals: readonly Signal[]): number | undefined {
  const rates = signals.flatMap(({ archived, reportRate }) =>
    !archived && reportRate && reportRate >= 1 && reportRate <= LONGEST_RATE_MS ? [Math.round(reportRate)] : [],
  );
  return rates.length === 0 ? undefined : Math.min(...rates);
}

export const spaceOf = (group: Pick<Group, 'id' | 'name'>): SpaceRef => ({
  nativeId: group.id,
  name: group.name || group.id,
  kind: 'group',
});

/** What an asset is, without its values: the metadata of its signals as one attribute. */
export function assetAttributes(asset: Asset, signals: readonly Signal[]): AttributeReport[] {
  const values = filled({
    ...entityFields(asset),
    signals:
      signals.length > 0 ? Object.fromEntries(signals.map((signal) => [signal.id, signalFacts(signal)])) : undefined,
  });
  return Object.entries(values).map(([name, value]) => ({ scope: 'server', name, value }));
}

export const primitiveTypeOf = ({
  primitive_type,
  type,
}: Pick<Signal, 'primitive_type' | 'type'>): string | undefined => primitive_type ?? type?.primitive_type ?? undefined;

/** A signal of which the platform keeps no history has its last value alone. */
export const isLatestOnly = ({ record }: Pick<Signal, 'record'>): boolean => record === false;

function signalFacts(signal: Signal): Json {
  return filled({
    name: signal.name,
    type: signal.type?.name ?? signal.type?.id,
    valueType: primitiveTypeOf(signal)?.toLowerCase(),
    unit: ucumOf(signal.units),
    unitLabel: signal.units?.abbr,
    latestOnly: isLatestOnly(signal) || undefined,
    archived: signal.archived || undefined,
    control: signal.control || undefined,
    reportEveryMs: signal.reportRate,
    timeoutMs: signal.timeout,
    channel: signal.channel?.display_name ?? signal.channel?.id,
  });
}

const entityFields = (asset: Asset): Record<string, Json | null | undefined> => ({
  id: asset.id,
  name: asset.name,
  description: asset.description,
  locked: asset.locked,
  meta: asset.meta,
  groupId: asset.parent?.id,
  groupName: asset.parent?.name,
  templateId: asset.template?.id,
  templateName: asset.template?.name,
  type: asset.assetType?.name,
  location: asset.location,
});

export const assetEntity = (asset: Asset): EntityRecord =>
  record('asset', asset.id, asset.name, filled(entityFields(asset)));

export const groupEntity = (group: Group): EntityRecord =>
  record(
    'group',
    group.id,
    group.name,
    filled({
      id: group.id,
      name: group.name,
      parentId: group.parent_id,
      typeId: group.node_type_id,
      customId: group.custom_id,
      description: group.description,
    }),
  );

/** Devices, products and roles: their members as the platform names them. Undefined for one without the member `key`. */
export function listedEntity(type: string, key: string, listed: Listed): EntityRecord | undefined {
  const { [key]: id, name } = listed;
  if (typeof id !== 'string' && typeof id !== 'number') return undefined;
  return record(type, String(id), typeof name === 'string' ? name : undefined, { ...filled(listed), id: String(id) });
}

export const userEntity = (user: User): EntityRecord =>
  record('user', user.id, user.name ?? user.email, filled({ id: user.id, ...userFacts(user) }));

const userFacts = (user: User): Record<string, Json | null | undefined> => ({
  email: user.email,
  name: user.name,
  type: user.type,
  status: user.status,
  roleId: user.role?.id,
  roleName: user.role?.name,
  groupIds: user.groups?.map(({ id }) => id),
});

export function platformUser(user: User): PlatformUser {
  const { email: _email, name: _name, ...attributes } = userFacts(user);
  return {
    nativeId: user.id,
    username: user.email || user.name || user.id,
    ...(user.email ? { email: user.email } : {}),
    ...(user.name ? { displayName: user.name } : {}),
    attributes: filled(attributes),
  };
}

/** No etag of the platform's own: whatever changes in the record changes this one. */
function record(
  type: string,
  nativeId: NativeId,
  name: string | null | undefined,
  attributes: Record<string, Json>,
): EntityRecord {
  return { type, nativeId, etag: digest(attributes), ...(name ? { name } : {}), attributes };
}

/** A row of a signal's values; one without a time, or without a value of the signal's type, does not fit. */
export const timedValue = (primitiveType: string | undefined) =>
  datapoint.transform((row, context): Reading & { written: string } => {
    const tsMs = readTime(row.timestamp);
    const value = readValue(row, primitiveType);
    if (tsMs !== undefined && value !== undefined) return { tsMs, value, written: String(row.timestamp) };
    context.addIssue({ code: 'custom', message: tsMs === undefined ? 'no time' : 'no value of its type' });
    return z.NEVER;
  });

/** One for each millisecond: of two that share it, the later by the platform's own fraction. */
export function distinct(values: readonly (Reading & { written: string })[]): Reading[] {
  const byTime = new Map<number, Reading & { written: string }>();
  for (const value of values) {
    const before = byTime.get(value.tsMs);
    if (!before || before.written < value.written) byTime.set(value.tsMs, value);
  }
  return [...byTime.values()].map(({ tsMs, value }) => ({ tsMs, value }));
}

export const pointOf = (signal: string, unit: string | undefined, { tsMs, value }: Reading): PointValue => ({
  signal,
  tsMs,
  value,
  ...(unit === undefined ? {} : { unit }),
});

const levels = ['normal', 'info', 'warning', 'critical', 'error'];
const severities: Readonly<Record<string, string>> = {
  ok: 'normal',
  normal: 'normal',
  info: 'info',
  informational: 'info',
  warning: 'warning',
  alarm: 'critical',
  critical: 'critical',
  error: 'error',
};

/** One word for a level that is written as a word or as a number; undefined for a word that is not known. */
export function severityOf(level: string | number | null | undefined): string | undefined {
  const text = String(level ?? '')
    .trim()
    .toLowerCase();
  return /^\d$/.test(text) ? levels[Number(text)] : severities[text];
}

/** State of an asset by category, and the worst of them. */
export function statusAttributes(status: AssetStatus): AttributeReport[] {
  const categories = (status.categories ?? []).flatMap(({ category, values }) => {
    const [newest] = (values ?? []).toSorted((a, b) => (readTime(b.timestamp) ?? 0) - (readTime(a.timestamp) ?? 0));
    if (!category || !newest) return [];
    const since = readTime(newest.timestamp);
    const facts = filled({
      severity: severityOf(newest.level) ?? String(newest.level ?? ''),
      since: since === undefined ? undefined : instant(since),
      value: newest.valueString ?? newest.value,
    });
    return [[category, facts] as const];
  });
  return [
    { scope: 'server', name: 'state', value: worstOf(categories.map(([, { severity }]) => String(severity))) },
    { scope: 'server', name: 'states', value: Object.fromEntries(categories) },
  ];
}

/** A word that is not known is not taken for a good one. */
function worstOf(severities: readonly string[]): string {
  const worst = Math.max(0, ...severities.map((severity) => levels.indexOf(severity)));
  const unknown = severities.find((severity) => !levels.includes(severity));
  return (worst === 0 ? unknown : undefined) ?? levels[worst] ?? 'normal';
}

export const lastHeardOf = ({ lastHeard }: AssetStatus): number | undefined => readTime(lastHeard);

/** A change of state, as the platform's log has it. Undefined for an entry without a time. */
export function platformEvent(entry: LogEntry): PlatformEventReport | undefined {
  const tsMs = readTime(entry.timestamp);
  if (tsMs === undefined) return undefined;
  const severity = severityOf(entry.level);
  // A device that has fallen silent is told under a category of its own.
  const name = entry.category?.toLowerCase() === 'timeout' ? 'device.timeout' : 'device.state';
  return {
    ...(entry.asset ? { device: entry.asset.id } : {}),
    name: entry.asset ? name : 'platform.log',
    tsMs,
    details: filled({
      severity,
      level: severity === undefined ? entry.level : undefined,
      category: entry.category,
      asset: entry.asset?.name,
      user: entry.user?.email ?? entry.user?.name,
      parameters: entry.template_parameters,
    }),
    key: entry.id,
  };
}
