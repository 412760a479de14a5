import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { LoggedValue } from '../kit/series-log.ts';
import { AGGREGATIONS, aggregate } from './aggregation.ts';
import { parsed } from './auth-routes.ts';
import type { Device } from './device.ts';
import { wholeNumber } from './paging.ts';
import { type OpticloudState, REAL } from './state.ts';
import { PayloadError, parseTelemetry } from './telemetry-payload.ts';
import { badRequest } from './vendor-error.ts';

const PATH = '/api/plugins/telemetry/DEVICE/:deviceId';

const valuesQuery = z.object({
  keys: z.string().optional(),
  startTs: wholeNumber.optional(),
  endTs: wholeNumber.optional(),
  limit: wholeNumber.default(100),
  interval: wholeNumber.default(0),
  agg: z.enum(AGGREGATIONS).default('NONE'),
  orderBy: z.enum(['ASC', 'DESC']).default('DESC'),
  useStrictDataTypes: z.enum(['true', 'false']).default('false'),
});

type ValuesQuery = z.output<typeof valuesQuery>;

interface Row {
  ts: number;
  value: unknown;
}

export function telemetryRoutes(app: FastifyInstance, state: OpticloudState): void {
  const deviceOf = (request: FastifyRequest): Device =>
    state.deviceFor(request.caller, (request.params as { deviceId: string }).deviceId);

  app.get(`${PATH}/values/timeseries`, { config: { operation: 'OPTI-11' } }, (request) => {
    const query = parsed(valuesQuery, request.query);
    const device = deviceOf(request);
    const { keys, startTs, endTs } = query;
    // With keys and both ends it is a range query; everything else asks for the latest values, whatever the window.
    if (keys !== undefined && startTs !== undefined && endTs !== undefined) {
      const answer = rangeOf(state, device, { ...query, keys, startTs, endTs });
      request.simulated.detail = servedDetail(Object.values(answer).reduce((sum, rows) => sum + rows.length, 0));
      for (const row of Object.values(answer).flat()) request.simulated.served?.add(device.id, row.ts);
      return answer;
    }
    return latestOf(state, device, query);
  });
  app.get(`${PATH}/keys/timeseries`, { config: { operation: 'OPTI-11-KEYS' } }, (request) =>
    state.truth.signals(deviceOf(request).id),
  );
  app.post(`${PATH}/timeseries/:scope`, { config: { operation: 'OPTI-11-WRITE' } }, (request, reply) => {
    const device = deviceOf(request);
    try {
      state.writeTelemetry(device, parseTelemetry(JSON.stringify(request.body)));
    } catch (error) {
      throw error instanceof PayloadError ? badRequest(error.message) : error;
    }
    return reply.code(200).send();
  });
}

/** What the journal says of an answer with values of a range: how many points were handed over. */
export const servedDetail = (points: number): string => `${points} points of a range`;

function latestOf(state: OpticloudState, device: Device, query: ValuesQuery): Record<string, Row[]> {
  const strict = query.useStrictDataTypes === 'true';
  const answer: Record<string, Row[]> = {};
  for (const key of keysOf(query.keys) ?? state.truth.signals(device.id)) {
    const newest = state.truth.series(device.id, key)?.latest();
    if (newest) put(answer, key, [row(newest, strict)]);
  }
  return answer;
}

function rangeOf(
  state: OpticloudState,
  device: Device,
  query: ValuesQuery & { keys: string; startTs: number; endTs: number },
): Record<string, Row[]> {
  if (query.limit <= 0) throw badRequest("Incorrect 'limit' parameter: must be positive");
  if (query.interval < 0) throw badRequest("Incorrect 'interval' parameter: must not be negative");
  const strict = query.useStrictDataTypes === 'true';
  const answer: Record<string, Row[]> = {};
  for (const key of keysOf(query.keys) ?? []) {
    const rows = seriesRows(state, device, key, query).map((logged) => row(logged, strict));
    if (rows.length > 0) put(answer, key, rows);
  }
  return answer;
}

function seriesRows(
  state: OpticloudState,
  device: Device,
  key: string,
  query: ValuesQuery & { startTs: number; endTs: number },
): LoggedValue[] {
  const series = state.truth.series(device.id, key);
  if (!series) return [];
  const to = query.endTs + (state.options.inclusiveRangeEnd ? 1 : 0);
  const newestFirst = query.orderBy === 'DESC';
  // Quirk: an aggregation without an interval is taken for no aggregation.
  if (query.agg === 'NONE' || query.interval === 0) {
    return series.range({ from: query.startTs, to, limit: query.limit, newestFirst });
  }
  const values = series.range({ from: query.startTs, to });
  const rows = aggregate(values, { agg: query.agg, intervalMs: query.interval, from: query.startTs, to });
  return newestFirst ? rows.toReversed() : rows;
}

/** Keys are parted by commas, so a key cannot hold one. */
const keysOf = (keys: string | undefined): string[] | undefined =>
  keys === undefined || keys === '' ? undefined : [...new Set(keys.split(','))];

function put(answer: Record<string, Row[]>, key: string, rows: Row[]): void {
  Object.defineProperty(answer, key, { value: rows, enumerable: true, writable: true, configurable: true });
}

const row = (logged: LoggedValue, strict: boolean): Row => ({
  ts: logged.ts,
  value: strict ? logged.value : asText(logged),
});

/** Quirk: values are texts unless native types are asked for; a double that happens to be whole reads `42.0`. */
function asText({ value, note }: LoggedValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isInteger(value) && note === REAL) return `${value}.0`;
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}
