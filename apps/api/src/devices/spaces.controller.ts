import { Controller, Inject } from '@nestjs/common';
import { deviceResource, spaceResource } from '@tributary/contracts';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { etagOfBody } from '../http/etag.ts';
import { Input } from '../http/input.ts';
import { badRequest } from '../http/problem-error.ts';
import { RequestUrl } from '../http/request-parts.ts';
import { chooseFields } from '../lists/choose-fields.ts';
import { pageAnswer } from '../lists/read-list.ts';
import { ConnectionSources } from '../sources/connection-sources.ts';
import { DeviceStore } from './device-store.ts';
import { SpaceStore } from './space-store.ts';
import { DEVICES_SHOWN, SpaceTree } from './space-tree.ts';
import * as endpoints from './spaces.endpoints.ts';

type In<N extends keyof typeof endpoints> = InputOf<(typeof endpoints)[N]>;

@Controller()
export class SpacesController {
  constructor(
    @Inject(SpaceStore) private readonly spaces: SpaceStore,
    @Inject(SpaceTree) private readonly trees: SpaceTree,
    @Inject(DeviceStore) private readonly devices: DeviceStore,
    @Inject(ConnectionSources) private readonly sources: ConnectionSources,
  ) {}

  @Endpoint(endpoints.listSpaces)
  async list(@Input() { query }: In<'listSpaces'>, @Caller() caller: CallerIdentity, @RequestUrl() url: string) {
    const choose = chooseFields(query.fields, spaceResource);
    const { items, page } = await this.spaces.list(caller.workspace, query);
    const meta = await this.sources.drawn(caller, query, items);
    return pageAnswer({ items: items.map(choose), page, meta }, url);
  }

  @Endpoint(endpoints.getSpaceForest)
  forest(@Input() { query }: In<'getSpaceForest'>, @Caller() caller: CallerIdentity, @RequestUrl() url: string) {
    return this.#tree(caller, query, url, {});
  }

  @Endpoint(endpoints.getSpaceTree)
  async tree(
    @Input() { params, query }: In<'getSpaceTree'>,
    @Caller() caller: CallerIdentity,
    @RequestUrl() url: string,
  ) {
    const { id, connectionId } = await this.spaces.get(caller.workspace, params.spaceId);
    return this.#tree(caller, query, url, { root: id, connectionIds: [connectionId] });
  }

  @Endpoint(endpoints.listSpaceDevices)
  async inSpace(
    @Input() { params, query }: In<'listSpaceDevices'>,
    @Caller() caller: CallerIdentity,
    @RequestUrl() url: string,
  ) {
    const choose = chooseFields(query.fields, deviceResource);
    const { id, connectionId } = await this.spaces.get(caller.workspace, params.spaceId);
    const { items, page } = await this.devices.list(caller.workspace, query, { spaceId: id });
    const within = { require: query.require, connectionIds: [connectionId] };
    const meta = await this.sources.drawn(caller, within, [{ connectionId }]);
    return pageAnswer({ items: items.map(choose), page, meta }, url);
  }

  @Endpoint(endpoints.getSpace)
  async space(@Input() { params }: In<'getSpace'>, @Caller() caller: CallerIdentity) {
    const space = await this.spaces.get(caller.workspace, params.spaceId);
    return new Answer(space, { headers: { etag: etagOfBody(space) } });
  }

  async #tree(
    caller: CallerIdentity,
    { limit, cursor, include, require }: In<'getSpaceForest'>['query'],
    url: string,
    { root, connectionIds }: { root?: string; connectionIds?: string[] },
  ): Promise<Answer> {
    if (include && limit > DEVICES_SHOWN) {
      throw badRequest([{ pointer: '/query/limit', detail: `with devices at most ${DEVICES_SHOWN}` }]);
    }
    const { items, page } = await this.trees.page(caller.workspace, { limit, cursor, ...(root ? { root } : {}) });
    const spaces = items.map(({ space }) => space);
    const meta = await this.sources.drawn(caller, { require, connectionIds }, spaces);
    return pageAnswer(
      { items: include ? await this.trees.withDevices(caller.workspace, items) : items, page, meta },
      url,
    );
  }
}
