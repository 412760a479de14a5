import { Controller, Inject, Res } from '@nestjs/common';
import { failurePolicies, ownProblems } from '@tributary/contracts';
import type { FastifyReply } from 'fastify';
import { HOUSE, type House } from '../house.ts';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { Input } from '../http/input.ts';
import { notFound } from '../http/problem-error.ts';
import { ROUTES, type RouteTable } from '../http/route-table.ts';
import { asyncApiDocument } from '../openapi/asyncapi-document.ts';
import { dataSchema, eventSchema } from '../openapi/event-schemas.ts';
import type { JsonSchema } from '../openapi/json-schema.ts';
import { API_VERSION, openApiDocument } from '../openapi/openapi-document.ts';
import * as endpoints from './docs.endpoints.ts';
import { DOCS_PAGE, DOCS_POLICY, docsAsset } from './swagger-assets.ts';

type In<N extends keyof typeof endpoints> = InputOf<(typeof endpoints)[N]>;

/** Documents change with a deployment only. */
const CACHEABLE = { 'cache-control': 'public, max-age=60', 'access-control-allow-origin': '*' };

@Controller()
export class DocsController {
  #openApi: object | undefined;
  #asyncApi: object | undefined;

  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(ROUTES) private readonly routes: RouteTable,
  ) {}

  @Endpoint(endpoints.getOpenApi)
  openApi() {
    this.#openApi ??= openApiDocument(this.routes.specs, {
      version: API_VERSION,
      publicUrl: this.house.settings.publicUrl,
    });
    return new Answer(this.#openApi, { headers: CACHEABLE });
  }

  @Endpoint(endpoints.getAsyncApi)
  asyncApi() {
    this.#asyncApi ??= asyncApiDocument({ version: API_VERSION, exchange: this.house.eventExchange });
    return new Answer(this.#asyncApi, { headers: CACHEABLE });
  }

  @Endpoint(endpoints.getCatalog)
  catalog() {
    const anchor = this.house.settings.publicUrl ?? '/';
    const body = {
      linkset: [
        {
          anchor,
          'service-desc': [
            { href: '/openapi.json', type: 'application/json' },
            { href: '/asyncapi.json', type: 'application/json' },
          ],
          'service-doc': [{ href: '/docs', type: 'text/html' }],
          status: [{ href: '/readyz', type: 'application/json' }],
        },
      ],
    };
    return new Answer(body, { headers: { ...CACHEABLE, 'content-type': 'application/linkset+json' } });
  }

  @Endpoint(endpoints.getDataSchema)
  dataSchema(@Input() { params }: In<'getDataSchema'>) {
    return schemaAnswer(dataSchema(params.type));
  }

  @Endpoint(endpoints.getEventSchema)
  eventSchema(@Input() { params }: In<'getEventSchema'>) {
    return schemaAnswer(eventSchema(params.type));
  }

  @Endpoint(endpoints.getProblemPage)
  problem(@Input() { params: { code } }: In<'getProblemPage'>) {
    const own = Object.hasOwn(ownProblems, code) ? ownProblems[code as keyof typeof ownProblems] : undefined;
    const platform = Object.values(failurePolicies).find((policy) => policy.problem === code);
    const status = own?.status ?? platform?.status;
    if (status === undefined) throw notFound('problem code');
    return {
      code,
      title: own?.title ?? code.replaceAll('-', ' '),
      status,
      retryable: [429, 503, 504].includes(status),
    };
  }

  @Endpoint(endpoints.getDocs)
  docs(@Res() reply: FastifyReply) {
    void reply
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': DOCS_POLICY,
        'referrer-policy': 'no-referrer',
      })
      .send(DOCS_PAGE);
  }

  @Endpoint(endpoints.getDocsAsset)
  async asset(@Input() { params }: In<'getDocsAsset'>, @Res() reply: FastifyReply) {
    const asset = await docsAsset(params.file);
    if (!asset) throw notFound('file');
    void reply.headers({ 'content-type': asset.type, 'cache-control': 'public, max-age=3600' }).send(asset.bytes);
  }

  @Endpoint(endpoints.getLivez)
  livez() {
    const alive = this.house.health.alive();
    return new Answer({ alive }, { status: alive ? 200 : 503 });
  }

  @Endpoint(endpoints.getReadyz)
  readyz() {
    const report = this.house.health.readiness();
    return new Answer(report, { status: report.ready ? 200 : 503 });
  }

  @Endpoint(endpoints.getMetrics)
  async metrics(@Res() reply: FastifyReply) {
    void reply.header('content-type', this.house.metrics.registry.contentType).send(await this.house.metrics.render());
  }
}

function schemaAnswer(schema: JsonSchema | undefined): Answer {
  if (!schema) throw notFound('event type');
  return new Answer(schema, { headers: { ...CACHEABLE, 'content-type': 'application/schema+json' } });
}
