import { hash } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import { writeAudit } from '../audit-log/audit-trail.ts';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { targetOf } from '../connections/connection-rows.ts';
import { ConnectionStore } from '../connections/connection-store.ts';
import { PlatformGateway } from '../gateway/platform-gateway.ts';
import { HOUSE, type House } from '../house.ts';
import { Gone } from '../http/abort.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { Input } from '../http/input.ts';
import { ProblemError } from '../http/problem-error.ts';
import { TraceId } from '../http/request-parts.ts';
import { PlatformCatalogue } from '../platforms/platform-catalogue.ts';
import { executeGraphql } from './graphql.endpoints.ts';
import { operationOf } from './graphql-document.ts';

/** A platform's own GraphQL, with the connection's credentials and within its budget. */
@Controller()
export class GraphqlController {
  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(ConnectionStore) private readonly connections: ConnectionStore,
    @Inject(PlatformCatalogue) private readonly catalogue: PlatformCatalogue,
    @Inject(PlatformGateway) private readonly gateway: PlatformGateway,
  ) {}

  @Endpoint(executeGraphql)
  async execute(
    @Input() { params: { connectionId }, body }: InputOf<typeof executeGraphql>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ) {
    const target = targetOf(await this.connections.get(caller.workspace, connectionId));
    await this.catalogue.demand(target, 'graphql');
    const { kind, name } = await operationOf(body.query, body.operationName);
    const allowMutations = caller.scopes.includes('write');
    if (kind === 'mutation') {
      if (!allowMutations) throw new ProblemError('forbidden', 'A mutation needs a key with the scope write.');
      // Before it is sent: what may have happened must stand in the log. Variables hold values, and stay out of it.
      const details = { document: hash('sha256', body.query), ...(name === undefined ? {} : { operationName: name }) };
      const entry = { action: 'graphql.mutated', target: connectionId, details, traceId };
      await writeAudit(this.house.audit, caller, entry);
    }
    const payload = { connectionId, ...body, allowMutations };
    return this.gateway.ask(target, 'graphql.execute', payload, { traceId, signal });
  }
}
