import { Controller, Inject } from '@nestjs/common';
import type { PlatformUser } from '@tributary/contracts';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { Gone } from '../http/abort.ts';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { Input } from '../http/input.ts';
import { RequestUrl, TraceId } from '../http/request-parts.ts';
import { pageAnswer } from '../lists/read-list.ts';
import * as endpoints from './users.endpoints.ts';
import { UsersService } from './users.service.ts';

type In<N extends keyof typeof endpoints> = InputOf<(typeof endpoints)[N]>;

@Controller()
export class UsersController {
  constructor(@Inject(UsersService) private readonly users: UsersService) {}

  @Endpoint(endpoints.listUsers)
  async list(
    @Input() { params, query }: In<'listUsers'>,
    @Caller() caller: CallerIdentity,
    @RequestUrl() url: string,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ) {
    return pageAnswer(await this.users.list(caller, params.connectionId, query, { traceId, signal }), url);
  }

  @Endpoint(endpoints.getCurrentUser)
  current(
    @Input() { params }: In<'getCurrentUser'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ) {
    return this.users.current(caller, params.connectionId, { traceId, signal });
  }

  @Endpoint(endpoints.findUser)
  exists(
    @Input() { params, query }: In<'findUser'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ) {
    return this.users.exists(caller, params.connectionId, query.username, { traceId, signal });
  }

  @Endpoint(endpoints.registerUser)
  async register(
    @Input() { params, body }: In<'registerUser'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ) {
    return made(params, await this.users.register(caller, params.connectionId, body, { traceId, signal }));
  }

  @Endpoint(endpoints.inviteUser)
  async invite(
    @Input() { params, body }: In<'inviteUser'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ) {
    return made(params, await this.users.invite(caller, params.connectionId, body, { traceId, signal }));
  }

  @Endpoint(endpoints.deleteUser)
  async remove(
    @Input() { params }: In<'deleteUser'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ): Promise<void> {
    await this.users.remove(caller, params, { traceId, signal });
  }
}

const made = ({ connectionId }: { connectionId: string }, user: PlatformUser) =>
  new Answer(user, {
    status: 201,
    headers: { location: `/v1/connections/${connectionId}/users/${encodeURIComponent(user.nativeId)}` },
  });
