import { Controller, Inject } from '@nestjs/common';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { etagOfBody } from '../http/etag.ts';
import { Input } from '../http/input.ts';
import { RequestUrl, TraceId } from '../http/request-parts.ts';
import { pageAnswer } from '../lists/read-list.ts';
import * as endpoints from './parked-messages.endpoints.ts';
import { ParkedStore } from './parked-store.ts';

type In<N extends keyof typeof endpoints> = InputOf<(typeof endpoints)[N]>;

@Controller()
export class ParkedMessagesController {
  constructor(@Inject(ParkedStore) private readonly store: ParkedStore) {}

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
  replay(@Input() { params }: In<'replayParked'>, @Caller() caller: CallerIdentity, @TraceId() traceId: string) {
    return this.store.replay(caller, params.messageId, traceId);
  }

  @Endpoint(endpoints.discardParked)
  discard(@Input() { params }: In<'discardParked'>, @Caller() caller: CallerIdentity, @TraceId() traceId: string) {
    return this.store.discard(caller, params.messageId, traceId);
  }
}
