import { Controller, Inject } from '@nestjs/common';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { Gone } from '../http/abort.ts';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { etagOfBody } from '../http/etag.ts';
import { Input } from '../http/input.ts';
import { RequestUrl, TraceId } from '../http/request-parts.ts';
import { pageAnswer } from '../lists/read-list.ts';
import { ParkedGroups } from './parked-groups.ts';
import * as endpoints from './parked-messages.endpoints.ts';
import { ParkedPreviews } from './parked-previews.ts';
import { ParkedStore } from './parked-store.ts';

type In<N extends keyof typeof endpoints> = InputOf<(typeof endpoints)[N]>;

@Controller()
export class ParkedMessagesController {
  constructor(
    @Inject(ParkedStore) private readonly store: ParkedStore,
    @Inject(ParkedGroups) private readonly groups: ParkedGroups,
    @Inject(ParkedPreviews) private readonly previews: ParkedPreviews,
  ) {}

  @Endpoint(endpoints.listParkedGroups)
  async listGroups(
    @Input() { query }: In<'listParkedGroups'>,
    @Caller() caller: CallerIdentity,
    @RequestUrl() url: string,
  ) {
    return pageAnswer(await this.groups.list(caller.workspace, query), url);
  }

  @Endpoint(endpoints.previewParkedMessages)
  previewSeveral(
    @Input() { body }: In<'previewParkedMessages'>,
    @Caller() caller: CallerIdentity,
    @Gone() signal: AbortSignal,
  ) {
    return this.previews.several(caller.workspace, body, signal);
  }

  @Endpoint(endpoints.previewParked)
  async preview(
    @Input() { params }: In<'previewParked'>,
    @Caller() caller: CallerIdentity,
    @Gone() signal: AbortSignal,
  ) {
    const { id } = await this.store.parked(caller.workspace, params.messageId);
    return this.previews.one(id, signal);
  }

  @Endpoint(endpoints.listParked)
  async list(@Input() { query }: In<'listParked'>, @Caller() caller: CallerIdentity, @RequestUrl() url: string) {
    return pageAnswer(await this.store.list(caller.workspace, query), url);
  }

  @Endpoint(endpoints.getParked)
  async get(@Input() { params }: In<'getParked'>, @Caller() caller: CallerIdentity) {
    const message = await this.store.get(caller.workspace, params.messageId);
    return new Answer(message, { headers: { etag: etagOfBody(message) } });
  }

  @Endpoint(endpoints.replayParked)
  async replay(@Input() { params }: In<'replayParked'>, @Caller() caller: CallerIdentity, @TraceId() traceId: string) {
    const message = await this.store.replay(caller, params.messageId, traceId);
    return new Answer(message, { headers: { location: `/v1/parked-messages/${message.id}` } });
  }

  @Endpoint(endpoints.discardParked)
  discard(
    @Input() { params, body }: In<'discardParked'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
  ) {
    return this.store.discard(caller, params.messageId, { reason: body?.reason, traceId });
  }
}
