import { Controller, Inject } from '@nestjs/common';
import { type DeviceResource, deviceResource } from '@tributary/contracts';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { unaged } from '../freshness/fresh-members.ts';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { etagOfBody } from '../http/etag.ts';
import { Input } from '../http/input.ts';
import { RequestUrl } from '../http/request-parts.ts';
import { chooseFields } from '../lists/choose-fields.ts';
import { pageAnswer } from '../lists/read-list.ts';
import { ConnectionSources } from '../sources/connection-sources.ts';
import { DeviceStore } from './device-store.ts';
import * as endpoints from './devices.endpoints.ts';

type In<N extends keyof typeof endpoints> = InputOf<(typeof endpoints)[N]>;

@Controller()
export class DevicesController {
  constructor(
    @Inject(DeviceStore) private readonly devices: DeviceStore,
    @Inject(ConnectionSources) private readonly sources: ConnectionSources,
  ) {}

  @Endpoint(endpoints.listDevices)
  async list(@Input() { query }: In<'listDevices'>, @Caller() caller: CallerIdentity, @RequestUrl() url: string) {
    const choose = chooseFields(query.fields, deviceResource);
    const { items, page } = await this.devices.list(caller.workspace, query);
    const meta = await this.sources.drawn(caller, query, items);
    return pageAnswer({ items: items.map(choose), page, meta }, url);
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
    const { id, connectionId } = await this.devices.address(caller.workspace, params.deviceId);
    const { items, page } = await this.devices.list(caller.workspace, query, { parentId: id });
    const meta = await this.sources.drawn(caller, { require: query.require, connectionIds: [connectionId] }, [
      { connectionId },
    ]);
    return pageAnswer({ items: items.map(choose), page, meta }, url);
  }

  @Endpoint(endpoints.getTree)
  async tree(@Input() { params, query }: In<'getTree'>, @Caller() caller: CallerIdentity) {
    const tree = await this.devices.tree(caller.workspace, params.deviceId);
    const connectionIds = [...new Set(tree.items.map(({ device }) => device.connectionId))];
    const meta = await this.sources.drawn(
      caller,
      { ...query, connectionIds },
      tree.items.map(({ device }) => device),
    );
    return { ...tree, meta };
  }
}

const tagged = (body: DeviceResource) => new Answer(body, { headers: { etag: etagOfBody(unaged(body)) } });
