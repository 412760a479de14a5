import { type AttributeValue, UnsupportedError } from '@tributary/contracts';
import type { AttributeReport } from '../../contract.ts';
import { planHistory } from '../backfills/plan-history.ts';
import { given, method, type On, type Payload } from './capability.ts';
import { readHistory } from './listings.ts';

/** Questions about one device: attributes, telemetry, commands. */
export function deviceHandlers(on: On) {
  return {
    'attributes.read': on(
      'attributes.read',
      (adapter) => adapter.attributes,
      async (attributes, { payload, signal }) => ({
        attributes: toValues(await attributes.read(payload.nativeId, signal)),
      }),
    ),
    'attributes.write': on(
      'attributes.write',
      (adapter) => adapter.attributes,
      async (attributes, { payload: { nativeId, scope, patch }, signal }) => {
        if (!attributes.write) throw new UnsupportedError('attributes of this platform cannot be written');
        await attributes.write(nativeId, scope, patch, signal);
        return { attributes: toValues(await attributes.read(nativeId, signal)) };
      },
    ),
    'telemetry.write': on(
      'telemetry.write',
      (adapter) => method(adapter.telemetry, 'write'),
      async (write, { payload: { nativeId, points }, signal }) => ({
        written: await write(nativeId, points.map(toPoint), signal),
      }),
    ),
    'telemetry.history': on(
      'telemetry.history',
      (adapter) => method(adapter.telemetry, 'history'),
      (history, { payload: { nativeId: device, from, to, signals, limit }, signal }) => {
        const range = { device, fromMs: Date.parse(from), toMs: Date.parse(to), lane: 'interactive' as const };
        return readHistory(history({ ...range, ...given({ signals }) }, signal), limit);
      },
    ),
    'telemetry.history-plan': on(
      'telemetry.history-plan',
      (adapter) => (adapter.telemetry?.history ? adapter.telemetry : undefined),
      async (telemetry, { payload }) => planHistory(telemetry, payload.gaps),
    ),
    'commands.describe': on(
      'commands.describe',
      (adapter) => adapter.commands,
      async (commands, { payload }) => ({ commands: commands.describe(payload.nativeId) }),
    ),
  };
}

const toValues = (reports: readonly AttributeReport[]): AttributeValue[] =>
  reports.flatMap(({ scope, name, value, tsMs }) =>
    value === undefined ? [] : [{ scope, name, value, ...(tsMs === undefined ? {} : { ts: iso(tsMs) }) }],
  );

function toPoint({ signal, ts, value }: Payload<'telemetry.write'>['points'][number]) {
  if (value === null) throw new UnsupportedError('a point has a value');
  return { signal, value, ...(ts === undefined ? {} : { tsMs: Date.parse(ts) }) };
}

const iso = (ms: number) => new Date(Math.floor(ms)).toISOString();
