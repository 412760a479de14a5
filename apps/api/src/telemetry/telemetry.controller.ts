import { Controller, Inject } from '@nestjs/common';
import { seriesResource } from '@tributary/contracts';
import { writeAudit } from '../audit-log/audit-trail.ts';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { DeviceStore } from '../devices/device-store.ts';
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
import { presentLatest, readLatest } from './latest-query.ts';
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
  ) {}

  @Endpoint(endpoints.getLatest)
  async latest(@Input() { query }: In<'getLatest'>, @Caller() caller: CallerIdentity, @RequestUrl() url: string) {
    const { device, connection, signal, limit, cursor } = query;
    const after = cursor === undefined ? 0 : Number(readCursor(cursor, latestBinding(caller, query), ['integer'])[0]);
    const rows = await readLatest(this.house.db.pool, caller.workspace, {
      devices: device,
      connectionId: connection,
      signals: signal,
      afterSeries: after,
      limit: limit + 1,
    });
    const now = this.house.clock.now();
    const items = rows.slice(0, limit).map((row) => presentLatest(row, now));
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    if (!last) return { items, page: {} };
    return pageAnswer(
      { items, page: { nextCursor: writeCursor(latestBinding(caller, query), [String(last.series_id)]) } },
      url,
    );
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
    return new Answer(series, { headers: { etag: etagOfBody(series) } });
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

const latestBinding = (caller: CallerIdentity, { device, connection, signal }: In<'getLatest'>['query']): string =>
  bindingOf('latest', caller.workspace, device, connection, signal);
