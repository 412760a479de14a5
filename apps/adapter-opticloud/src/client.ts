import {
  type Call,
  type ConnectionKit,
  type PageAsked,
  parseExactJson,
  path,
  type VendorHttp,
  type VendorRequest,
  type Window,
  type WirePage,
} from '@tributary/adapter-kit';
import { type Json, MalformedResponseError } from '@tributary/contracts';
import type { z } from 'zod';
import { readFileList } from './file-list.ts';
import {
  type AttributeRow,
  attributeRow,
  type CommunicationEntry,
  communicationEntry,
  credentialsOfDevice,
  type Device,
  device,
  type FileRow,
  fileRow,
  type GeoLogFile,
  geoLogFile,
  type Listing,
  listing,
  type ScopeName,
  type SeriesRow,
  seriesRow,
  seriesTable,
} from './wire.ts';

const FILE_LIST_BYTES = 64 * 1024 * 1024;

// Quirk: the XML listing answers 406 unless XML is acceptable; the JSON calls do not mind (API page, "Authentication").
export const ACCEPT = 'text/html, application/json, application/xhtml+xml, application/xml;q=0.9';

/** One method per call of optiCLOUD's REST interface. Times are the vendor's own: the method's comment says which. */
export class OpticloudClient {
  constructor(
    private readonly http: VendorHttp,
    private readonly kit: Pick<ConnectionKit, 'items'>,
  ) {}

  /** OPTI-04. Pages are counted from zero. */
  async devices(tenantId: string, asked: PageAsked, call: Call): Promise<WirePage<Device>> {
    const request = get('OPTI-04', path`/api/tenants/${tenantId}/devices`, { ...asked }, call);
    return this.#page(await this.http.json(request, listing), device, 'device');
  }

  /** OPTI-05, files that the server holds and that touch the window; milliseconds. */
  async serverFiles(deviceId: string, window: Window, asked: PageAsked, call: Call): Promise<WirePage<FileRow>> {
    const query = { startTime: Math.floor(window.fromMs), endTime: Math.ceil(window.toMs), ...asked };
    const request = get('OPTI-05', path`/api/devices/${deviceId}/data-files/original`, query, call);
    return this.#page(await this.http.json(request, listing), fileRow, 'file');
  }

  /** OPTI-06, the device's access token. Needs the permission to see device credentials: 403 without. */
  async deviceToken(deviceId: string, call: Call): Promise<string> {
    const request = get('OPTI-06', path`/api/device/${deviceId}/credentials`, {}, call);
    return (await this.http.json(request, credentialsOfDevice)).credentialsId;
  }

  /** OPTI-07, every file that is known of, by the device's token. */
  async allFiles(deviceToken: string, window: Window, call: Call): Promise<GeoLogFile[]> {
    // Quirk: upper-case /API/, and this listing alone counts in seconds (API page, "Retrieve the complete file list").
    const from = Math.floor(window.fromMs / 1000);
    const to = Math.ceil(window.toMs / 1000);
    const where = path`/API/filelist/list/deviceid/${deviceToken}/StartTime/${from}/${to}`;
    // The device's token stands in the path: whoever reads where a file comes from must not be able to act as the device.
    const request = { ...get('OPTI-07', where, {}, call), personal: [deviceToken], maxBytes: FILE_LIST_BYTES };
    const answer = await this.http.send(request);
    return this.kit.items(geoLogFile, readFileList(answer.text), 'GeoLogFile');
  }

  /** OPTI-09: the token that OPTI-10 takes. */
  async requestDownload(deviceId: string, names: readonly string[], call: Call): Promise<string> {
    const where = path`/api/device/${deviceId}/data-files/CLIENT_SCOPE/download`;
    const { text } = await this.http.send(post('OPTI-09', where, names, call, true));
    const token = text.trim().replace(/^"(.*)"$/s, '$1');
    if (token === '') throw new MalformedResponseError('OPTI-09: the answer holds no download token');
    return token;
  }

  /** OPTI-10. */
  async download(deviceId: string, token: string, call: Call) {
    const where = path`/api/device/${deviceId}/data-files/CLIENT_SCOPE/token/${token}`;
    return this.http.stream({ ...get('OPTI-10', where, {}, call), personal: [token] });
  }

  /** OPTI-11 without `keys`: the newest value of every signal, whatever the window. */
  async latest(deviceId: string, nowMs: number, call: Call): Promise<SeriesRow[]> {
    return (await this.#series(deviceId, { startTs: nowMs, endTs: nowMs }, call)).rows;
  }

  /** OPTI-11 with `keys`: what lies in the window, oldest first, at most `limit` rows of each signal; milliseconds. */
  async range(
    deviceId: string,
    asked: Window & { keys: readonly string[]; limit: number },
    call: Call,
  ): Promise<{ rows: SeriesRow[]; full: string[] }> {
    const { keys, fromMs, toMs, limit } = asked;
    const query = { keys: keys.join(','), startTs: fromMs, endTs: toMs, limit, orderBy: 'ASC', agg: 'NONE' };
    const { rows, counts } = await this.#series(deviceId, query, call);
    // Nothing says that there is more: as many rows as asked for may mean it.
    return { rows, full: [...counts].filter(([, count]) => count >= limit).map(([key]) => key) };
  }

  /** OPTI-12, newest first. All four parameters are compulsory; milliseconds. */
  async communication(
    deviceId: string,
    window: Window,
    asked: PageAsked,
    call: Call,
  ): Promise<WirePage<CommunicationEntry>> {
    const query = { startTime: Math.floor(window.fromMs), endTime: Math.ceil(window.toMs), ...asked };
    const request = get('OPTI-12', path`/api/devices/${deviceId}/communication/data`, query, call);
    return this.#page(await this.http.json(request, listing), communicationEntry, 'communication entry');
  }

  /** OPTI-13. Each call puts one more order into the device's queue. */
  async requestList(deviceId: string, order: { startTime: string; endTime: string; tag: string }, call: Call) {
    return this.http.send(post('OPTI-13', path`/api/devices/${deviceId}/request-list`, order, call, false));
  }

  /** Attributes of one scope: beyond the vendor's document, as ThingsBoard has it. */
  async attributes(deviceId: string, scope: ScopeName, call: Call): Promise<AttributeRow[]> {
    const where = path`/api/plugins/telemetry/DEVICE/${deviceId}/values/attributes/${scope}`;
    const { text } = await this.http.send(get('attributes.read', where, {}, call));
    const list = parseExactJson('attributes.read', text);
    if (!Array.isArray(list)) throw new MalformedResponseError('attributes.read: expected a list');
    return this.kit.items(attributeRow, list, 'attribute');
  }

  /** As `attributes`. Writing a value twice changes nothing more. */
  async writeAttributes(deviceId: string, scope: ScopeName, values: Record<string, Json>, call: Call): Promise<void> {
    const where = path`/api/plugins/telemetry/${deviceId}/${scope}`;
    await this.http.send(post('attributes.write', where, values, call, true));
  }

  // Quirk: values are text unless strict types are asked for; `limit` is 100 and the order descending unless told.
  async #series(deviceId: string, query: VendorRequest['query'], call: Call) {
    const where = path`/api/plugins/telemetry/DEVICE/${deviceId}/values/timeseries`;
    const { text } = await this.http.send(get('OPTI-11', where, { ...query, useStrictDataTypes: true }, call));
    const table = seriesTable.safeParse(parseExactJson('OPTI-11', text));
    if (!table.success) throw new MalformedResponseError('OPTI-11: expected lists of values by signal');
    const lists = Object.entries(table.data);
    const rows = lists.flatMap(([key, list]) => list.map((row) => (isObject(row) ? { ...row, key } : row)));
    return {
      rows: this.kit.items(seriesRow, rows, 'telemetry value'),
      /** Rows as they came, those set aside included. */
      counts: new Map(lists.map(([key, list]) => [key, list.length])),
    };
  }

  #page<S extends z.ZodType>(
    { data, hasNext, totalElements }: Listing,
    schema: S,
    what: string,
  ): WirePage<z.output<S>> {
    return {
      items: this.kit.items(schema, data, what),
      rows: data.length,
      ...(hasNext == null ? {} : { hasNext }),
      ...(totalElements == null ? {} : { total: totalElements }),
    };
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const get = (
  operation: string,
  where: string,
  query: NonNullable<VendorRequest['query']>,
  call: Call,
): VendorRequest => ({
  method: 'GET',
  path: where,
  operation,
  idempotent: true,
  query,
  ...call,
});

const post = (operation: string, where: string, json: unknown, call: Call, idempotent: boolean): VendorRequest => ({
  method: 'POST',
  path: where,
  operation,
  idempotent,
  json,
  ...call,
});
