import { Controller, Inject } from '@nestjs/common';
import { deviceResource, spaceResource } from '@tributary/contracts';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { etagOfBody } from '../http/etag.ts';
import { Input } from '../http/input.ts';
import { RequestUrl } from '../http/request-parts.ts';
import { chooseFields } from '../lists/choose-fields.ts';
import { pageAnswer } from '../lists/read-list.ts';
import { DeviceStore } from './device-store.ts';
import * as endpoints from './devices.endpoints.ts';
import { SpaceStore } from './space-store.ts';

type In<N extends keyof typeof endpoints> = InputOf<(typeof endpoints)[N]>;

@Controller()
export class DevicesController {
  constructor(
    @Inject(DeviceStore) private readonly devices: DeviceStore,
    @Inject(SpaceStore) private readonly spaces: SpaceStore,
  ) {}

  @Endpoint(endpoints.listDevices)
  async list(@Input() { query }: In<'listDevices'>, @Caller() caller: CallerIdentity, @RequestUrl() url: string) {
    const choose = chooseFields(query.fields, deviceResource);
    const { items, page } = await this.devices.list(caller.workspace, query);
    return pageAnswer({ items: items.map(choose), page }, url);
  }

  @Endpoint(endpoints.getDeviceByNative)
  async byNative(@Input() { params }: In<'getDeviceByNative'>, @Caller() caller: CallerIdentity) {
    return tagged(await this.devices.byNative(caller.workspace, params.connectionId, params.nativeId));
  }

  @Endpoint(endpoints.getDevice)
  async get(@Input() { params }: In<'getDevice'>, @Caller() caller: CallerIdentity) {
    return tagged(await this.devices.get(caller.workspace, params.deviceId));
  }

  @Endpoint(endpoints.listChildren)
  async children(
    @Input() { params, query }: In<'listChildren'>,
    @Caller() caller: CallerIdentity,
    @RequestUrl() url: string,
  ) {
    const choose = chooseFields(query.fields, deviceResource);
    const { id } = await this.devices.address(caller.workspace, params.deviceId);
    const { items, page } = await this.devices.list(caller.workspace, query, { parentId: id });
    return pageAnswer({ items: items.map(choose), page }, url);
  }

  @Endpoint(endpoints.getTree)
  tree(@Input() { params }: In<'getTree'>, @Caller() caller: CallerIdentity) {
    return this.devices.tree(caller.workspace, params.deviceId);
  }

  @Endpoint(endpoints.listSpaces)
  async listSpaces(@Input() { query }: In<'listSpaces'>, @Caller() caller: CallerIdentity, @RequestUrl() url: string) {
    const choose = chooseFields(query.fields, spaceResource);
    const { items, page } = await this.spaces.list(caller.workspace, query);
    return pageAnswer({ items: items.map(choose), page }, url);
  }

  @Endpoint(endpoints.getSpace)
  async space(@Input() { params }: In<'getSpace'>, @Caller() caller: CallerIdentity) {
    return tagged(await this.spaces.get(caller.workspace, params.spaceId));
  }
}

const tagged = (body: object) => new Answer(body, { headers: { etag: etagOfBody(body) } });
