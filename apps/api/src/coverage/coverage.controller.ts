import { Controller, Inject } from '@nestjs/common';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { ConnectionStore } from '../connections/connection-store.ts';
import { DeviceStore } from '../devices/device-store.ts';
import { HOUSE, type House } from '../house.ts';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { Input } from '../http/input.ts';
import { badRequest } from '../http/problem-error.ts';
import { RequestUrl } from '../http/request-parts.ts';
import { nextLink } from '../lists/next-link.ts';
import { SeriesStore } from '../telemetry/series-store.ts';
import { getConnectionCoverage, getDeviceCoverage, getSeriesCoverage } from './coverage.endpoints.ts';
import { presentInterval, presentShare, type Range, texts } from './coverage-rows.ts';
import { CoverageStore } from './coverage-store.ts';

const DAY_MS = 86_400_000;

@Controller()
export class CoverageController {
  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(CoverageStore) private readonly store: CoverageStore,
    @Inject(ConnectionStore) private readonly connections: ConnectionStore,
    @Inject(DeviceStore) private readonly devices: DeviceStore,
    @Inject(SeriesStore) private readonly series: SeriesStore,
  ) {}

  @Endpoint(getDeviceCoverage)
  async ofDevice(@Input() { params, query }: InputOf<typeof getDeviceCoverage>, @Caller() caller: CallerIdentity) {
    const { id, connectionId } = await this.devices.address(caller.workspace, params.deviceId);
    return this.#answer({ connectionId, deviceId: id, signal: query.signal }, this.#range(query));
  }

  @Endpoint(getSeriesCoverage)
  async ofSeries(@Input() { params, query }: InputOf<typeof getSeriesCoverage>, @Caller() caller: CallerIdentity) {
    const { id, deviceId, signal } = await this.series.get(caller.workspace, params.seriesId);
    const { connectionId } = await this.devices.address(caller.workspace, deviceId);
    return { seriesId: id, ...(await this.#answer({ connectionId, deviceId, signal }, this.#range(query))) };
  }

  @Endpoint(getConnectionCoverage)
  async ofConnection(
    @Input() { params, query }: InputOf<typeof getConnectionCoverage>,
    @Caller() caller: CallerIdentity,
    @RequestUrl() url: string,
  ): Promise<Answer> {
    const { id: connectionId } = await this.connections.get(caller.workspace, params.connectionId);
    const wanted = { workspace: caller.workspace, connectionId };
    const range = query.cursor === undefined ? this.#range(query) : this.store.rangeOf(wanted, query.cursor);
    const { items, nextCursor } = await this.store.page({ ...wanted, ...query, range });
    const page = nextCursor === undefined ? {} : { nextCursor };
    const headers = nextCursor === undefined ? {} : { headers: { link: nextLink(url, nextCursor) } };
    return new Answer({ connectionId, ...texts(range), items, page }, headers);
  }

  async #answer(subject: { connectionId: string; deviceId: string; signal?: string | undefined }, range: Range) {
    const intervals = await this.store.ofDevice(subject, range);
    const { connectionId, deviceId, signal } = subject;
    return {
      connectionId,
      deviceId,
      ...(signal === undefined ? {} : { signal }),
      ...texts(range),
      ...presentShare(range, intervals),
      intervals: intervals.map(presentInterval),
    };
  }

  #range({ from, to }: { from?: Date | undefined; to?: Date | undefined }): Range {
    const toMs = to?.getTime() ?? this.house.clock.now();
    const fromMs = from?.getTime() ?? toMs - DAY_MS;
    if (fromMs >= toMs) throw badRequest([{ pointer: '/query/from', detail: 'must be before `to`' }]);
    return { fromMs, toMs };
  }
}
