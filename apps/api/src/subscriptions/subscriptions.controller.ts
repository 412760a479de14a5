import { Controller, Inject } from '@nestjs/common';
import { subscriptionResource } from '@tributary/contracts';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { Gone } from '../http/abort.ts';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { etagOfBody } from '../http/etag.ts';
import { Input } from '../http/input.ts';
import { IfMatch, RequestUrl, TraceId } from '../http/request-parts.ts';
import { chooseFields } from '../lists/choose-fields.ts';
import { pageAnswer } from '../lists/read-list.ts';
import { presentSubscription, type SubscriptionRow, subscriptionEtag } from './subscription-rows.ts';
import { SubscriptionStore } from './subscription-store.ts';
import * as endpoints from './subscriptions.endpoints.ts';
import { SubscriptionsService } from './subscriptions.service.ts';

type In<N extends keyof typeof endpoints> = InputOf<(typeof endpoints)[N]>;

@Controller()
export class SubscriptionsController {
  constructor(
    @Inject(SubscriptionStore) private readonly store: SubscriptionStore,
    @Inject(SubscriptionsService) private readonly service: SubscriptionsService,
  ) {}

  @Endpoint(endpoints.listSubscriptions)
  async list(@Input() { query }: In<'listSubscriptions'>, @Caller() caller: CallerIdentity, @RequestUrl() url: string) {
    const choose = chooseFields(query.fields, subscriptionResource);
    const { items, page } = await this.store.list(caller.workspace, query);
    return pageAnswer({ items: items.map(choose), page }, url);
  }

  @Endpoint(endpoints.createSubscription)
  async create(
    @Input() { body }: In<'createSubscription'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
  ) {
    const { row, secret } = await this.service.create(caller, body, traceId);
    return answer(row, { status: 201, headers: { location: `/v1/subscriptions/${row.id}` } }, secret);
  }

  @Endpoint(endpoints.getSubscription)
  async get(@Input() { params }: In<'getSubscription'>, @Caller() caller: CallerIdentity) {
    return answer(await this.store.get(caller.workspace, params.subscriptionId));
  }

  @Endpoint(endpoints.updateSubscription)
  async update(
    @Input() { params, body }: In<'updateSubscription'>,
    @Caller() caller: CallerIdentity,
    @IfMatch() ifMatch: string | undefined,
    @TraceId() traceId: string,
  ) {
    return answer(await this.service.update(caller, params.subscriptionId, body, ifMatch, traceId));
  }

  @Endpoint(endpoints.deleteSubscription)
  async remove(
    @Input() { params }: In<'deleteSubscription'>,
    @Caller() caller: CallerIdentity,
    @IfMatch() ifMatch: string | undefined,
    @TraceId() traceId: string,
  ): Promise<void> {
    await this.service.remove(caller, params.subscriptionId, ifMatch, traceId);
  }

  @Endpoint(endpoints.pauseSubscription)
  async pause(
    @Input() { params }: In<'pauseSubscription'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
  ) {
    return answer(await this.service.pause(caller, params.subscriptionId, traceId));
  }

  @Endpoint(endpoints.resumeSubscription)
  async resume(
    @Input() { params }: In<'resumeSubscription'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
  ) {
    return answer(await this.service.resume(caller, params.subscriptionId, traceId));
  }

  @Endpoint(endpoints.testSubscription)
  test(
    @Input() { params }: In<'testSubscription'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ) {
    return this.service.test(caller, params.subscriptionId, { traceId, signal });
  }

  @Endpoint(endpoints.rotateSecret)
  async rotate(
    @Input() { params, body }: In<'rotateSecret'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
  ) {
    const { row, secret } = await this.service.rotate(caller, params.subscriptionId, body, traceId);
    return answer(row, {}, secret);
  }

  @Endpoint(endpoints.replaySubscription)
  async replay(
    @Input() { params, body }: In<'replaySubscription'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
  ) {
    return answer(await this.service.replay(caller, params.subscriptionId, body, traceId));
  }

  @Endpoint(endpoints.listDeliveries)
  async deliveries(
    @Input() { params, query }: In<'listDeliveries'>,
    @Caller() caller: CallerIdentity,
    @RequestUrl() url: string,
  ) {
    const { id } = await this.store.get(caller.workspace, params.subscriptionId);
    return pageAnswer(await this.store.deliveries(caller.workspace, id, query), url);
  }

  @Endpoint(endpoints.getDelivery)
  async delivery(@Input() { params }: In<'getDelivery'>, @Caller() caller: CallerIdentity) {
    const delivery = await this.store.delivery(caller.workspace, params.subscriptionId, params.deliveryId);
    return new Answer(delivery, { headers: { etag: etagOfBody(delivery) } });
  }

  @Endpoint(endpoints.retryDelivery)
  retry(@Input() { params }: In<'retryDelivery'>, @Caller() caller: CallerIdentity, @TraceId() traceId: string) {
    return this.service.retry(caller, params.subscriptionId, params.deliveryId, traceId);
  }
}

/** With the secret in the answer alone: what is kept for an Idempotency-Key does not have it. */
function answer(
  row: SubscriptionRow,
  head: { status?: number; headers?: Record<string, string> } = {},
  signingSecret?: string,
): Answer {
  const body = presentSubscription(row);
  return new Answer(signingSecret === undefined ? body : { ...body, signingSecret }, {
    ...head,
    headers: { ...head.headers, etag: subscriptionEtag(row) },
    ...(signingSecret === undefined ? {} : { storedBody: body }),
  });
}
