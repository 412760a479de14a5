import {
  type AdapterReply,
  type AdapterRequestName,
  type AttributeValue,
  type adapterRequests,
  UnsupportedError,
} from '@tributary/contracts';
import type { RequestContext, RequestHandlers } from '@tributary/messaging';
import type { z } from 'zod';
import type { Adapter, AttributeReport } from '../../contract.ts';
import type { ConnectionInstance } from '../supervision/connection-instance.ts';
import { connectionTest, type DraftOptions } from './connection-test.ts';
import { readFiles, readHistory } from './listings.ts';

type Payload<N extends AdapterRequestName> = z.output<(typeof adapterRequests)[N]['payload']>;

export interface RequestHandlerOptions extends DraftOptions {
  health: (connectionId: string) => Promise<AdapterReply<'connection.health'>>;
  discoverSoon: (connectionId: string) => Promise<boolean>;
  /** Opens a file for one download; answers its address. */
  openFile: (instance: ConnectionInstance, device: string, names: string[], signal: AbortSignal) => Promise<string>;
}

/** Every question that the contract of adapters knows. What a connection's adapter lacks is answered by `unsupported`. */
export function requestHandlers(options: RequestHandlerOptions): RequestHandlers {
  /** One capability of the connection's adapter, or `UnsupportedError`. */
  const on =
    <N extends AdapterRequestName & Exclude<AdapterRequestName, 'connection.test'>, C>(
      capability: (adapter: Adapter) => C | undefined,
      work: (
        capability: C,
        payload: Payload<N>,
        signal: AbortSignal,
        instance: ConnectionInstance,
      ) => Promise<AdapterReply<N>>,
    ) =>
    (payload: Payload<N>, { signal }: RequestContext): Promise<AdapterReply<N>> =>
      options.use(payload.connectionId, async (instance) => {
        const found = capability(instance.adapter);
        if (found === undefined) throw new UnsupportedError('the platform, or this connection of it, cannot do that');
        return work(found, payload, signal, instance);
      });

  return {
    ...connectionHandlers(options),
    'attributes.read': on<'attributes.read', NonNullable<Adapter['attributes']>>(
      (a) => a.attributes,
      async (attributes, { nativeId }, signal) => ({ attributes: toValues(await attributes.read(nativeId, signal)) }),
    ),
    'attributes.write': on<'attributes.write', NonNullable<Adapter['attributes']>>(
      (a) => a.attributes,
      async (attributes, { nativeId, scope, patch }, signal) => {
        if (!attributes.write) throw new UnsupportedError('attributes of this platform cannot be written');
        await attributes.write(nativeId, scope, patch, signal);
        return { attributes: toValues(await attributes.read(nativeId, signal)) };
      },
    ),
    'telemetry.write': on<'telemetry.write', NonNullable<NonNullable<Adapter['telemetry']>['write']>>(
      (a) => a.telemetry?.write?.bind(a.telemetry),
      async (write, { nativeId, points }, signal) => ({ written: await write(nativeId, points.map(toPoint), signal) }),
    ),
    'telemetry.history': on<'telemetry.history', NonNullable<NonNullable<Adapter['telemetry']>['history']>>(
      (a) => a.telemetry?.history?.bind(a.telemetry),
      (history, { nativeId: device, from, to, signals, limit }, signal) => {
        const range = { device, fromMs: Date.parse(from), toMs: Date.parse(to) };
        return readHistory(history({ ...range, ...(signals ? { signals } : {}) }, signal), limit);
      },
    ),
    'commands.describe': on<'commands.describe', NonNullable<Adapter['commands']>>(
      (a) => a.commands,
      async (commands, { nativeId }) => ({ commands: commands.describe(nativeId) }),
    ),
    'files.list': on<'files.list', NonNullable<NonNullable<Adapter['files']>['list']>>(
      (a) => a.files?.list?.bind(a.files),
      (list, { nativeId: device, from, to, limit }, signal) =>
        readFiles(list({ device, fromMs: Date.parse(from), toMs: Date.parse(to), limit }, signal), limit),
    ),
    'files.open': on<'files.open', NonNullable<Adapter['files']>>(
      (a) => a.files,
      async (_files, { nativeId, names }, signal, instance) => ({
        url: await options.openFile(instance, nativeId, names, signal),
      }),
    ),
    ...entityHandlers(on),
  };
}

function connectionHandlers(options: RequestHandlerOptions): RequestHandlers {
  return {
    'connection.test': connectionTest(options),
    'connection.health': ({ connectionId }) => options.health(connectionId),
    'connection.budget': ({ connectionId }) => options.use(connectionId, (instance) => instance.access.budget()),
    'connection.discover': async ({ connectionId }) => ({ started: await options.discoverSoon(connectionId) }),
  };
}

type On = <N extends Exclude<AdapterRequestName, 'connection.test'>, C>(
  capability: (adapter: Adapter) => C | undefined,
  work: (
    capability: C,
    payload: Payload<N>,
    signal: AbortSignal,
    instance: ConnectionInstance,
  ) => Promise<AdapterReply<N>>,
) => (payload: Payload<N>, context: RequestContext) => Promise<AdapterReply<N>>;

type Entities = NonNullable<Adapter['entities']>;

function entityHandlers(on: On): RequestHandlers {
  const readOnly = () => new UnsupportedError('entities of this platform cannot be changed so');
  return {
    'entities.types': on<'entities.types', Entities>(
      (a) => a.entities,
      async (entities, _payload, signal) => ({ types: await entities.types(signal) }),
    ),
    'entities.query': on<'entities.query', Entities>(
      (a) => a.entities,
      (entities, { type, filter, sort, limit, cursor }, signal) => {
        const optional = { ...(filter === undefined ? {} : { filter }), ...(cursor === undefined ? {} : { cursor }) };
        return entities.query(type, { sort, limit, ...optional }, signal);
      },
    ),
    'entities.get': on<'entities.get', Entities>(
      (a) => a.entities,
      (entities, { type, nativeId }, signal) => entities.get(type, nativeId, signal),
    ),
    'entities.create': on<'entities.create', Entities>(
      (a) => a.entities,
      (entities, { type, attributes }, signal) => {
        if (!entities.create) throw readOnly();
        return entities.create(type, attributes, signal);
      },
    ),
    'entities.update': on<'entities.update', Entities>(
      (a) => a.entities,
      (entities, { type, nativeId, patch, ifMatch }, signal) => {
        if (!entities.update) throw readOnly();
        return entities.update(type, nativeId, patch, ifMatch, signal);
      },
    ),
    'entities.remove': on<'entities.remove', Entities>(
      (a) => a.entities,
      async (entities, { type, nativeId, ifMatch }, signal) => {
        if (!entities.remove) throw readOnly();
        await entities.remove(type, nativeId, ifMatch, signal);
        return {};
      },
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
