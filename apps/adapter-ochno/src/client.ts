import {
  type Call,
  type ConnectionKit,
  path,
  type VendorHttp,
  type VendorRequest,
  type Window,
} from '@tributary/adapter-kit';
import { type Json, MalformedResponseError } from '@tributary/contracts';
import type { z } from 'zod';
import {
  type Company,
  company,
  type FloorPlan,
  floorPlan,
  type Hub,
  hub,
  type IotAccess,
  iotAccess,
  type Location,
  list,
  location,
  type MetricRow,
  metricRow,
  type Port,
  port,
} from './wire.ts';

/** A list of everything that a large building has. */
const LIST_BYTES = 64 * 1024 * 1024;

type Content = Record<string, Json>;

/** One method per call of Ochno's REST interface. */
export class OchnoClient {
  readonly #http: VendorHttp;
  readonly #kit: Pick<ConnectionKit, 'items'>;

  constructor(http: VendorHttp, kit: Pick<ConnectionKit, 'items'>) {
    this.#http = http;
    this.#kit = kit;
  }

  /** OCHNO-03: those that the user sees. */
  companies(call: Call): Promise<Company[]> {
    return this.#list(get('OCHNO-03', '/api/companies', {}, call), company, 'company');
  }

  /** OCHNO-04: replaces all there is. Sent twice it changes nothing more. */
  replaceCompany(id: string, record: Content, call: Call): Promise<Company> {
    return this.#http.json(put('OCHNO-04', path`/api/companies/${id}`, record, call), company);
  }

  /** OCHNO-05; `serverNowMs` is when the platform says it answered, to the second, where it does. */
  async streamAccess(companyId: string, call: Call): Promise<{ access: IotAccess; serverNowMs: number | undefined }> {
    const { text, headers } = await this.#http.send(
      get('OCHNO-05', path`/api/companies/${companyId}/iotAccess`, {}, call),
    );
    const read = iotAccess.safeParse(parse('OCHNO-05', text));
    // What does not fit is not repeated: it holds secrets.
    if (!read.success) throw new MalformedResponseError('OCHNO-05: the answer is no access to a stream');
    const serverNowMs = Date.parse(headers.date ?? '');
    return { access: read.data, serverNowMs: Number.isNaN(serverNowMs) ? undefined : serverNowMs };
  }

  /** OCHNO-13. Whether the filter is obeyed is the reader's to check: what the platform does not know it ignores. */
  locations(where: { companyId: string }, call: Call): Promise<Location[]> {
    return this.#list(get('OCHNO-13', '/api/locations', where, call), location, 'location');
  }

  /** OCHNO-13. */
  location(id: string, call: Call): Promise<Location> {
    return this.#http.json(get('OCHNO-13', path`/api/locations/${id}`, {}, call), location);
  }

  /** OCHNO-13. Sent twice it makes two. */
  createLocation(record: Content, call: Call): Promise<Location> {
    const request = { ...put('OCHNO-13', '/api/locations', record, call), method: 'POST', idempotent: false } as const;
    return this.#http.json(request, location);
  }

  /** OCHNO-13, as OCHNO-04. */
  replaceLocation(id: string, record: Content, call: Call): Promise<Location> {
    return this.#http.json(put('OCHNO-13', path`/api/locations/${id}`, record, call), location);
  }

  /** OCHNO-14, as OCHNO-13. */
  floorPlans(where: { companyId: string }, call: Call): Promise<FloorPlan[]> {
    return this.#list(get('OCHNO-14', '/api/floorplans', where, call), floorPlan, 'floor plan');
  }

  /** OCHNO-14. */
  floorPlan(id: string, call: Call): Promise<FloorPlan> {
    return this.#http.json(get('OCHNO-14', path`/api/floorplans/${id}`, {}, call), floorPlan);
  }

  /** OCHNO-14, as OCHNO-04. */
  replaceFloorPlan(id: string, record: Content, call: Call): Promise<FloorPlan> {
    return this.#http.json(put('OCHNO-14', path`/api/floorplans/${id}`, record, call), floorPlan);
  }

  /** OCHNO-15. */
  hubs(where: { companyId: string }, call: Call): Promise<Hub[]> {
    return this.#list(get('OCHNO-15', '/api/hubs', where, call), hub, 'hub');
  }

  /** OCHNO-15. */
  hub(id: string, call: Call): Promise<Hub> {
    return this.#http.json(get('OCHNO-15', path`/api/hubs/${id}`, {}, call), hub);
  }

  /** OCHNO-16, with what was last heard of each. */
  ports(where: { companyId: string }, call: Call): Promise<Port[]> {
    return this.#list(get('OCHNO-16', '/api/ports', where, call), port, 'port');
  }

  /** OCHNO-16. */
  port(id: string, call: Call): Promise<Port> {
    return this.#http.json(get('OCHNO-16', path`/api/ports/${id}`, {}, call), port);
  }

  /** OCHNO-17, hour by hour; milliseconds, `fromMs` on an hour. */
  hourly(
    measurement: string,
    where: { hubId: string } | { portId: string },
    window: Window,
    call: Call,
  ): Promise<MetricRow[]> {
    const bounds = { from: instant(window.fromMs), to: instant(window.toMs), interval: '1h' };
    const request = get('OCHNO-17', path`/api/metrics/${measurement}`, { ...where, ...bounds }, call);
    return this.#list(request, metricRow, 'metric');
  }

  async #list<S extends z.ZodType>(request: VendorRequest, schema: S, what: string): Promise<z.output<S>[]> {
    const rows = await this.#http.json({ ...request, maxBytes: LIST_BYTES }, list);
    return this.#kit.items(schema, rows, what);
  }
}

const instant = (ms: number): string => new Date(ms).toISOString();

function parse(operation: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MalformedResponseError(`${operation}: expected JSON`, { cause });
  }
}

const get = (
  operation: string,
  where: string,
  query: NonNullable<VendorRequest['query']>,
  call: Call,
): VendorRequest => ({ method: 'GET', path: where, operation, idempotent: true, query, ...call });

const put = (operation: string, where: string, json: unknown, call: Call): VendorRequest => ({
  method: 'PUT',
  path: where,
  operation,
  idempotent: true,
  json,
  ...call,
});
