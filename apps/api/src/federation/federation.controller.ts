import { Controller, Inject } from '@nestjs/common';
import type { EntityAnswer } from '@tributary/contracts';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import type { Staleness } from '../gateway/known-answers/known-answer.ts';
import { Gone } from '../http/abort.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { Input } from '../http/input.ts';
import { TraceId } from '../http/request-parts.ts';
import { StaleAnswers } from '../http/staleness.ts';
import { FederatedQuery } from './federated-query.ts';
import { queryEntities } from './federation.endpoints.ts';

@Controller()
export class FederationController {
  constructor(@Inject(FederatedQuery) private readonly federated: FederatedQuery) {}

  @Endpoint(queryEntities)
  query(
    @Input() { body }: InputOf<typeof queryEntities>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
    @StaleAnswers() staleness: Staleness,
  ): Promise<EntityAnswer> {
    return this.federated.ask(caller, body, { traceId, signal, staleness });
  }
}
