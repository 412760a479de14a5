import { Controller, Inject } from '@nestjs/common';
import { connectionResource } from '@tributary/contracts';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import type { Staleness } from '../gateway/known-answers/known-answer.ts';
import { Gone } from '../http/abort.ts';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { Input } from '../http/input.ts';
import { IfMatch, RequestUrl, TraceId } from '../http/request-parts.ts';
import { answerOf, StaleAnswers, staleMark } from '../http/staleness.ts';
import { chooseFields } from '../lists/choose-fields.ts';
import { pageAnswer } from '../lists/read-list.ts';
import { type ConnectionRow, connectionEtag, presentConnection } from './connection-rows.ts';
import { ConnectionStore } from './connection-store.ts';
import * as endpoints from './connections.endpoints.ts';
import { ConnectionsService } from './connections.service.ts';

type In<N extends keyof typeof endpoints> = InputOf<(typeof endpoints)[N]>;

@Controller()
export class ConnectionsController {
  constructor(
    @Inject(ConnectionStore) private readonly store: ConnectionStore,
    @Inject(ConnectionsService) private readonly service: ConnectionsService,
  ) {}

  @Endpoint(endpoints.listConnections)
  async list(@Input() { query }: In<'listConnections'>, @Caller() caller: CallerIdentity, @RequestUrl() url: string) {
    const choose = chooseFields(query.fields, connectionResource);
    const { items, page } = await this.store.list(caller.workspace, query);
    return pageAnswer({ items: items.map(choose), page }, url);
  }

  @Endpoint(endpoints.createConnection)
  async create(
    @Input() { body }: In<'createConnection'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
  ) {
    const row = await this.service.create(caller, body, traceId);
    return answer(row, { status: 201, headers: { location: `/v1/connections/${row.id}` } });
  }

  @Endpoint(endpoints.testDraft)
  testDraft(
    @Input() { body }: In<'testDraft'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ) {
    return this.service.testDraft(caller, body, { traceId, signal });
  }

  @Endpoint(endpoints.getConnection)
  async get(@Input() { params }: In<'getConnection'>, @Caller() caller: CallerIdentity) {
    return answer(await this.store.get(caller.workspace, params.connectionId));
  }

  @Endpoint(endpoints.updateConnection)
  async update(
    @Input() { params, body }: In<'updateConnection'>,
    @Caller() caller: CallerIdentity,
    @IfMatch() ifMatch: string | undefined,
    @TraceId() traceId: string,
  ) {
    return answer(await this.service.update(caller, params.connectionId, body, ifMatch, traceId));
  }

  @Endpoint(endpoints.deleteConnection)
  async remove(
    @Input() { params }: In<'deleteConnection'>,
    @Caller() caller: CallerIdentity,
    @IfMatch() ifMatch: string | undefined,
    @TraceId() traceId: string,
  ): Promise<void> {
    await this.service.remove(caller, params.connectionId, ifMatch, traceId);
  }

  @Endpoint(endpoints.testConnection)
  test(
    @Input() { params }: In<'testConnection'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ) {
    return this.service.test(caller, params.connectionId, { traceId, signal });
  }

  @Endpoint(endpoints.pauseConnection)
  async pause(
    @Input() { params }: In<'pauseConnection'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
  ) {
    return answer(await this.service.setPaused(caller, params.connectionId, true, traceId));
  }

  @Endpoint(endpoints.resumeConnection)
  async resume(
    @Input() { params }: In<'resumeConnection'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
  ) {
    return answer(await this.service.setPaused(caller, params.connectionId, false, traceId));
  }

  @Endpoint(endpoints.discoverConnection)
  async discover(
    @Input() { params }: In<'discoverConnection'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ) {
    const started = await this.service.discover(caller, params.connectionId, { traceId, signal });
    return new Answer(started, { headers: { location: `/v1/connections/${params.connectionId}/health` } });
  }

  @Endpoint(endpoints.getHealth)
  health(
    @Input() { params }: In<'getHealth'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ) {
    return this.service.health(caller, params.connectionId, { traceId, signal });
  }

  @Endpoint(endpoints.listHealthHistory)
  async healthHistory(
    @Input() { params, query }: In<'listHealthHistory'>,
    @Caller() caller: CallerIdentity,
    @RequestUrl() url: string,
  ) {
    const { id } = await this.store.get(caller.workspace, params.connectionId);
    return pageAnswer(await this.service.history(caller, id, query), url);
  }

  @Endpoint(endpoints.getBudget)
  async budget(
    @Input() { params }: In<'getBudget'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
    @StaleAnswers() staleness: Staleness,
  ) {
    const known = await this.service.budget(caller, params.connectionId, { traceId, signal, staleness });
    return answerOf(known, new Answer({ ...known.reply, ...staleMark(known) }));
  }

  @Endpoint(endpoints.getCheckpoints)
  async checkpoints(@Input() { params }: In<'getCheckpoints'>, @Caller() caller: CallerIdentity) {
    const { id } = await this.store.get(caller.workspace, params.connectionId);
    return { items: await this.store.checkpoints(id), page: {} };
  }
}

const answer = (row: ConnectionRow, head: { status?: number; headers?: Record<string, string> } = {}) =>
  new Answer(presentConnection(row), { ...head, headers: { ...head.headers, etag: connectionEtag(row) } });
