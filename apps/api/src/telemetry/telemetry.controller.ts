import { Controller, Inject } from '@nestjs/common';
import { type StoredMeta, seriesResource } from '@tributary/contracts';
import { writeAudit } from '../audit-log/audit-trail.ts';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { DeviceStore } from '../devices/device-store.ts';
import { unaged } from '../freshness/fresh-members.ts';
import { PlatformGateway } from '../gateway/platform-gateway.ts';
import { HOUSE, type House } from '../house.ts';
import { Gone } from '../http/abort.ts';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { etagOfBody } from '../http/etag.ts';
import { Input } from '../http/input.ts';
import { RequestUrl, TraceId } from '../http/request-parts.ts';
import { chooseFields } from '../lists/choose-fields.ts';
import { bindingOf, readCursor, writeCursor } from '../lists/cursor.ts';
import { pageAnswer } from '../lists/read-list.ts';
import { PlatformCatalogue } from '../platforms/platform-catalogue.ts';
import { ConnectionSources } from '../sources/connection-sources.ts';
import { canonicalFilter, type LatestRow, presentLatest, readLatest } from './latest-query.ts';
import { SeriesStore } from './series-store.ts';
import * as endpoints from './telemetry.endpoints.ts';

type In<N extends keyof typeof endpoints> = InputOf<(typeof endpoints)[N]>;

@Controller()
export class TelemetryController {
  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(SeriesStore) private readonly series: SeriesStore,
    @Inject(DeviceStore) private readonly devices: DeviceStore,
    @Inject(PlatformCatalogue) private readonly catalogue: PlatformCatalogue,
    @Inject(PlatformGateway) private readonly gateway: PlatformGateway,
    @Inject(ConnectionSources) private readonly sources: ConnectionSources,
  ) {}

  @Endpoint(endpoints.getLatest)
  async latest(@Input() { query }: In<'getLatest'>, @Caller() caller: CallerIdentity, @RequestUrl() url: string) {
    const { limit, cursor } = query;
    const after = cursor === undefined ? 0 : Number(readCursor(cursor, latestBinding(caller, query), ['integer'])[0]);
    const rows = await readLatest(this.house.db.pool, caller.workspace, {
      devices: query.device,
      connectionId: query.connection,
      platforms: query.platform,
      spaces: query.space,
      signals: query.signal,
      filter: query.filter,
      afterSeries: after,
      limit: limit + 1,
    });
    const now = this.house.clock.now();
    const items = rows.slice(0, limit).map((row) => presentLatest(row, now));
    const drawn = await this.#drawn(caller, query, rows.slice(0, limit));
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    if (!last) return { items, page: {}, ...drawn };
    const nextCursor = writeCursor(latestBinding(caller, query), [String(last.series_id)]);
    return pageAnswer({ items, page: { nextCursor }, ...drawn }, url);
  }

  /**
   * Which connections the answer draws on. The most frequent question of all, for named devices, pays nothing for it
   * while every connection of the workspace is well. Throws 503 where all are required and one is not well.
   */
  async #drawn(
    { workspace }: CallerIdentity,
    { device, connection, platform: platforms, filter, require }: In<'getLatest'>['query'],
    rows: readonly LatestRow[],
  ): Promise<{ meta?: StoredMeta }> {
    const connectionIds = connection ? [connection] : undefined;
    let sources = await this.sources.of(workspace, { connectionIds, platforms, filter });
    if (device && sources.complete) return {};
    const there = rows.map((row) => row.connection_id);
    if (device) {
      const theirs = new Set([...there, ...(await this.#connectionsOf(workspace, device, rows))]);
      sources = sources.among(({ connectionId }) => theirs.has(connectionId));
      if (sources.complete) return {};
    }
    sources.demand(require);
    return { meta: sources.meta(there) };
  }

  /** Of devices that have no value on the page; those that have one have said it. */
  #connectionsOf(workspace: string, devices: string[], rows: readonly LatestRow[]): Promise<string[]> {
    const known = new Set(rows.map((row) => row.device_id));
    const others = devices.filter((id) => !known.has(id));
    return others.length > 0 ? this.devices.connectionsOf(workspace, others) : Promise.resolve([]);
  }

  @Endpoint(endpoints.listSeries)
  async list(@Input() { query }: In<'listSeries'>, @Caller() caller: CallerIdentity, @RequestUrl() url: string) {
    const choose = chooseFields(query.fields, seriesResource);
    const { items, page } = await this.series.list(caller.workspace, query);
    return pageAnswer({ items: items.map(choose), page }, url);
  }

  @Endpoint(endpoints.listDeviceSeries)
  async listOfDevice(
    @Input() { params, query }: In<'listDeviceSeries'>,
    @Caller() caller: CallerIdentity,
    @RequestUrl() url: string,
  ) {
    const choose = chooseFields(query.fields, seriesResource);
    const { id } = await this.devices.address(caller.workspace, params.deviceId);
    const { items, page } = await this.series.list(caller.workspace, query, { deviceId: id });
    return pageAnswer({ items: items.map(choose), page }, url);
  }

  @Endpoint(endpoints.getSeries)
  async get(@Input() { params }: In<'getSeries'>, @Caller() caller: CallerIdentity) {
    const series = await this.series.get(caller.workspace, params.seriesId);
    return new Answer(series, { headers: { etag: etagOfBody(unaged(series)) } });
  }

  @Endpoint(endpoints.writeTelemetry)
  async write(
    @Input() { params, body }: In<'writeTelemetry'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ) {
    const device = await this.devices.address(caller.workspace, params.deviceId);
    await this.catalogue.demand(device, 'telemetry.write');
    const details = {
      points: body.points.length,
      signals: [...new Set(body.points.map((point) => point.signal))].slice(0, 20),
    };
    // Written before the platform is asked: what may have happened must stand in the log.
    await writeAudit(this.house.audit, caller, { action: 'telemetry.written', target: device.id, details, traceId });
    const points = body.points.map(({ ts, ...point }) => ({
      ...point,
      ...(ts === undefined ? {} : { ts: new Date(ts).toISOString() }),
    }));
    return this.gateway.ask(
      device,
      'telemetry.write',
      { connectionId: device.connectionId, nativeId: device.nativeId, points },
      { traceId, signal },
    );
  }
}

function latestBinding(caller: CallerIdentity, query: In<'getLatest'>['query']): string {
  const { device, connection, platform, space, signal, filter } = query;
  return bindingOf('latest', caller.workspace, device, connection, platform, space, signal, canonicalFilter(filter));
}
