import { applyDecorators, HttpCode, RequestMapping, RequestMethod, SetMetadata, UseInterceptors } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ENDPOINT, type EndpointSpec, type Method, successStatus } from './endpoint-spec.ts';
import { IdempotencyInterceptor } from './idempotency.interceptor.ts';
import { verbPath } from './verb-url.ts';

const METHODS: Record<Method, RequestMethod> = {
  GET: RequestMethod.GET,
  POST: RequestMethod.POST,
  PUT: RequestMethod.PUT,
  PATCH: RequestMethod.PATCH,
  DELETE: RequestMethod.DELETE,
};

/** Mounts a controller's method at a specification. */
export const Endpoint = (spec: EndpointSpec): MethodDecorator =>
  applyDecorators(
    SetMetadata(ENDPOINT, spec),
    HttpCode(successStatus(spec)),
    RequestMapping({ method: METHODS[spec.method], path: verbPath(spec.path, spec.method) }),
    ...(spec.bodyStream ? [RouteConfig({ bodyStream: true })] : []),
    ...(spec.idempotency ? [UseInterceptors(IdempotencyInterceptor)] : []),
  );
