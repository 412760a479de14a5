import { Controller, Inject } from '@nestjs/common';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { HOUSE, type House } from '../house.ts';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { checkIfMatch, etagOfBody } from '../http/etag.ts';
import { Input } from '../http/input.ts';
import { badRequest } from '../http/problem-error.ts';
import { IfMatch, RequestUrl, TraceId } from '../http/request-parts.ts';
import { pageAnswer } from '../lists/read-list.ts';
import { ApiKeyStore } from './api-key-store.ts';
import * as endpoints from './api-keys.endpoints.ts';

type In<N extends keyof typeof endpoints> = InputOf<(typeof endpoints)[N]>;

@Controller()
export class ApiKeysController {
  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(ApiKeyStore) private readonly keys: ApiKeyStore,
  ) {}

  @Endpoint(endpoints.listKeys)
  async list(@Input() { query }: In<'listKeys'>, @Caller() caller: CallerIdentity, @RequestUrl() url: string) {
    return pageAnswer(await this.keys.list(caller.workspace, query), url);
  }

  @Endpoint(endpoints.createKey)
  async create(@Input() { body }: In<'createKey'>, @Caller() caller: CallerIdentity, @TraceId() traceId: string) {
    this.#checkEnd(body.expiresAt);
    const { key: resource, token } = await this.keys.create(caller, body, traceId);
    const headers = { location: `/v1/api-keys/${resource.id}` };
    return new Answer({ ...resource, key: token }, { status: 201, headers, storedBody: resource });
  }

  @Endpoint(endpoints.getKey)
  async get(@Input() { params }: In<'getKey'>, @Caller() caller: CallerIdentity) {
    const key = await this.keys.get(caller.workspace, params.keyId);
    return new Answer(key, { headers: { etag: etagOfBody(key) } });
  }

  @Endpoint(endpoints.rotateKey)
  async rotate(
    @Input() { params, body }: In<'rotateKey'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
  ) {
    const asked = body ?? endpoints.rotateKey.body.parse({});
    this.#checkEnd(asked.expiresAt);
    const { key: resource, token } = await this.keys.rotate(caller, params.keyId, asked, traceId);
    return new Answer({ ...resource, key: token }, { storedBody: resource });
  }

  @Endpoint(endpoints.revokeKey)
  async revoke(
    @Input() { params }: In<'revokeKey'>,
    @Caller() caller: CallerIdentity,
    @IfMatch() ifMatch: string | undefined,
    @TraceId() traceId: string,
  ): Promise<void> {
    const key = await this.keys.get(caller.workspace, params.keyId);
    checkIfMatch(ifMatch, etagOfBody(key));
    await this.keys.revoke(caller, key.id, traceId);
  }

  #checkEnd(expiresAt: string | undefined): void {
    if (expiresAt === undefined || Date.parse(expiresAt) > this.house.clock.now()) return;
    throw badRequest([{ pointer: '/body/expiresAt', detail: 'is in the past' }]);
  }
}
