import { Controller, Inject } from '@nestjs/common';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { Gone } from '../http/abort.ts';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import type { IdempotencyClaim } from '../http/idempotency-claim.ts';
import { Input } from '../http/input.ts';
import { Idempotency, RequestUrl, TraceId } from '../http/request-parts.ts';
import { pageAnswer } from '../lists/read-list.ts';
import { BackfillStore } from './backfill-store.ts';
import * as endpoints from './backfills.endpoints.ts';
import { BackfillsService } from './backfills.service.ts';

type In<N extends keyof typeof endpoints> = InputOf<(typeof endpoints)[N]>;

@Controller()
export class BackfillsController {
  constructor(
    @Inject(BackfillStore) private readonly store: BackfillStore,
    @Inject(BackfillsService) private readonly service: BackfillsService,
  ) {}

  @Endpoint(endpoints.estimateBackfill)
  estimate(
    @Input() { body }: In<'estimateBackfill'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ) {
    return this.service.estimate(caller, body, { traceId, signal });
  }

  @Endpoint(endpoints.createBackfill)
  async create(
    @Input() { body }: In<'createBackfill'>,
    @Caller() caller: CallerIdentity,
    @Idempotency() claim: IdempotencyClaim | undefined,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ) {
    const backfill = await this.service.create(caller, body, claim, { traceId, signal });
    return new Answer(backfill, { status: 202, headers: { location: `/v1/backfills/${backfill.id}` } });
  }

  @Endpoint(endpoints.listBackfills)
  async list(@Input() { query }: In<'listBackfills'>, @Caller() caller: CallerIdentity, @RequestUrl() url: string) {
    return pageAnswer(await this.store.list(caller.workspace, query), url);
  }

  @Endpoint(endpoints.getBackfill)
  get(@Input() { params }: In<'getBackfill'>, @Caller() caller: CallerIdentity) {
    return this.store.get(caller.workspace, params.backfillId);
  }

  @Endpoint(endpoints.listBackfillParts)
  async parts(
    @Input() { params, query }: In<'listBackfillParts'>,
    @Caller() caller: CallerIdentity,
    @RequestUrl() url: string,
  ) {
    return pageAnswer(await this.store.parts(caller.workspace, params.backfillId, query), url);
  }

  @Endpoint(endpoints.cancelBackfill)
  cancel(@Input() { params }: In<'cancelBackfill'>, @Caller() caller: CallerIdentity, @TraceId() traceId: string) {
    return this.service.cancel(caller, params.backfillId, traceId);
  }
}
