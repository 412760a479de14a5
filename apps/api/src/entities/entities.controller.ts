import { Controller, Inject } from '@nestjs/common';
import type { EntityRecord } from '@tributary/contracts';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import type { Known, Staleness } from '../gateway/known-answers/known-answer.ts';
import { Gone } from '../http/abort.ts';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { Input } from '../http/input.ts';
import { IfMatch, RequestUrl, TraceId } from '../http/request-parts.ts';
import { answerOf, StaleAnswers, staleMark } from '../http/staleness.ts';
import { pageAnswer } from '../lists/read-list.ts';
import * as endpoints from './entities.endpoints.ts';
import { EntitiesService } from './entities.service.ts';
import { EntityRelations } from './entity-relations.service.ts';
import { presentEntity, tagOf } from './entity-tag.ts';

type In<N extends keyof typeof endpoints> = InputOf<(typeof endpoints)[N]>;

@Controller()
export class EntitiesController {
  constructor(
    @Inject(EntitiesService) private readonly entities: EntitiesService,
    @Inject(EntityRelations) private readonly relations: EntityRelations,
  ) {}

  @Endpoint(endpoints.listEntityTypes)
  async types(
    @Input() { params }: In<'listEntityTypes'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
    @StaleAnswers() staleness: Staleness,
  ) {
    const known = await this.entities.types(caller, params.connectionId, { traceId, signal, staleness });
    return answerOf(known, new Answer({ items: known.reply, page: {}, ...staleMark(known) }));
  }

  @Endpoint(endpoints.listEntities)
  async list(
    @Input() { params, query }: In<'listEntities'>,
    @Caller() caller: CallerIdentity,
    @RequestUrl() url: string,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
    @StaleAnswers() staleness: Staleness,
  ) {
    return pageOf(await this.entities.list(caller, params, query, { traceId, signal, staleness }), url);
  }

  @Endpoint(endpoints.getEntity)
  async get(
    @Input() { params }: In<'getEntity'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
    @StaleAnswers() staleness: Staleness,
  ) {
    const known = await this.entities.get(caller, params, { traceId, signal, staleness });
    return answerOf(known, answer(known.reply));
  }

  @Endpoint(endpoints.createEntity)
  async create(
    @Input() { params, body }: In<'createEntity'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ) {
    const made = await this.entities.create(caller, params, body.attributes, { traceId, signal });
    const path = [params.connectionId, 'entities', params.type, made.nativeId].map(encodeURIComponent).join('/');
    return answer(made, { status: 201, headers: { location: `/v1/connections/${path}` } });
  }

  @Endpoint(endpoints.updateEntity)
  async update(
    @Input() { params, body }: In<'updateEntity'>,
    @Caller() caller: CallerIdentity,
    @IfMatch() ifMatch: string | undefined,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ) {
    const change = { patch: body.attributes, ifMatch };
    return answer(await this.entities.update(caller, params, change, { traceId, signal }));
  }

  @Endpoint(endpoints.deleteEntity)
  async remove(
    @Input() { params }: In<'deleteEntity'>,
    @Caller() caller: CallerIdentity,
    @IfMatch() ifMatch: string | undefined,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ): Promise<void> {
    await this.entities.remove(caller, params, ifMatch, { traceId, signal });
  }

  @Endpoint(endpoints.listRelated)
  async related(
    @Input() { params, query }: In<'listRelated'>,
    @Caller() caller: CallerIdentity,
    @RequestUrl() url: string,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
    @StaleAnswers() staleness: Staleness,
  ) {
    return pageOf(await this.relations.list(caller, params, query, { traceId, signal, staleness }), url);
  }

  @Endpoint(endpoints.relateEntity)
  async relate(
    @Input() { params, body }: In<'relateEntity'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ): Promise<void> {
    await this.relations.add(caller, params, body.targets, { traceId, signal });
  }
}

function pageOf(known: Known<{ items: EntityRecord[]; page: { nextCursor?: string } }>, url: string): Answer {
  const page = { ...known.reply, items: known.reply.items.map(presentEntity), ...staleMark(known) };
  return answerOf(known, pageAnswer(page, url));
}

function answer(record: EntityRecord, head: { status?: number; headers?: Record<string, string> } = {}): Answer {
  return new Answer(presentEntity(record), { ...head, headers: { ...head.headers, etag: tagOf(record.etag) } });
}
