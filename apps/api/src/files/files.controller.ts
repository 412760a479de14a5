import { Controller, Inject, type StreamableFile } from '@nestjs/common';
import { fileResource } from '@tributary/contracts';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { type DeviceAddress, DeviceStore } from '../devices/device-store.ts';
import { PlatformGateway } from '../gateway/platform-gateway.ts';
import { HOUSE, type House } from '../house.ts';
import { Gone } from '../http/abort.ts';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { etagOfBody } from '../http/etag.ts';
import { Input } from '../http/input.ts';
import { badRequest } from '../http/problem-error.ts';
import { RequestUrl, TraceId } from '../http/request-parts.ts';
import { chooseFields } from '../lists/choose-fields.ts';
import { pageAnswer } from '../lists/read-list.ts';
import { PlatformCatalogue } from '../platforms/platform-catalogue.ts';
import { contentStream } from './content-stream.ts';
import type { FileResource } from './file-rows.ts';
import { FileStore } from './file-store.ts';
import * as endpoints from './files.endpoints.ts';

type In<N extends keyof typeof endpoints> = InputOf<(typeof endpoints)[N]>;

const DAY_MS = 86_400_000;

@Controller()
export class FilesController {
  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(FileStore) private readonly files: FileStore,
    @Inject(DeviceStore) private readonly devices: DeviceStore,
    @Inject(PlatformCatalogue) private readonly catalogue: PlatformCatalogue,
    @Inject(PlatformGateway) private readonly gateway: PlatformGateway,
  ) {}

  @Endpoint(endpoints.listFiles)
  async list(@Input() { query }: In<'listFiles'>, @Caller() caller: CallerIdentity, @RequestUrl() url: string) {
    const choose = chooseFields(query.fields, fileResource);
    const { items, page } = await this.files.list(caller.workspace, query);
    return pageAnswer({ items: items.map(choose), page }, url);
  }

  @Endpoint(endpoints.listDeviceFiles)
  async listOfDevice(
    @Input() { params, query }: In<'listDeviceFiles'>,
    @Caller() caller: CallerIdentity,
    @RequestUrl() url: string,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ) {
    const choose = chooseFields(query.fields, fileResource);
    const device = await this.devices.address(caller.workspace, params.deviceId);
    if (query.live) {
      const items = await this.#live(caller, device, query, { traceId, signal });
      return { items: items.map(choose), page: {}, live: true };
    }
    const { items, page } = await this.files.list(caller.workspace, query, { deviceId: device.id });
    return pageAnswer({ items: items.map(choose), page, ...{ live: false } }, url);
  }

  @Endpoint(endpoints.getFile)
  async get(@Input() { params }: In<'getFile'>, @Caller() caller: CallerIdentity) {
    const file = await this.files.get(caller.workspace, params.fileId);
    return new Answer(file, { headers: { etag: etagOfBody(file) } });
  }

  @Endpoint(endpoints.getFileContent)
  async content(
    @Input() { params }: In<'getFileContent'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ): Promise<StreamableFile> {
    const file = await this.files.get(caller.workspace, params.fileId);
    const device = await this.devices.address(caller.workspace, file.deviceId);
    return this.#open(device, [file.name], { traceId, signal });
  }

  @Endpoint(endpoints.downloadFiles)
  async download(
    @Input() { params, body }: In<'downloadFiles'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ): Promise<StreamableFile> {
    const device = await this.devices.address(caller.workspace, params.deviceId);
    return this.#open(device, [...new Set(body.names)], { traceId, signal });
  }

  async #open(
    device: DeviceAddress,
    names: string[],
    asking: { traceId: string; signal: AbortSignal },
  ): Promise<StreamableFile> {
    await this.catalogue.demand(device, 'files.content');
    const { url } = await this.gateway.ask(
      device,
      'files.open',
      { connectionId: device.connectionId, nativeId: device.nativeId, names },
      asking,
    );
    return contentStream(url, asking.signal);
  }

  async #live(
    caller: CallerIdentity,
    device: DeviceAddress,
    query: In<'listDeviceFiles'>['query'],
    asking: { traceId: string; signal: AbortSignal },
  ): Promise<FileResource[]> {
    await this.catalogue.demand(device, 'files.list');
    const to = query.to ?? new Date(this.house.clock.now());
    const from = query.from ?? new Date(to.getTime() - 30 * DAY_MS);
    if (from >= to) throw badRequest([{ pointer: '/query/from', detail: 'must be before `to`' }]);
    const payload = {
      connectionId: device.connectionId,
      nativeId: device.nativeId,
      from: from.toISOString(),
      to: to.toISOString(),
      limit: query.limit,
    };
    const { files } = await this.gateway.ask(device, 'files.list', payload, asking);
    return this.files.noteListed(caller.workspace, device, files);
  }
}
