import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { Endpoint } from './endpoint.ts';
import { registerEndpoints } from './endpoint-registry.ts';
import type { EndpointSpec } from './endpoint-spec.ts';
import { RouteTable } from './route-table.ts';

const spec = (more: Partial<EndpointSpec> = {}): EndpointSpec => ({
  method: 'GET',
  path: '/v1/things',
  scope: 'read',
  name: 'listThings',
  tag: 'Things',
  summary: 'Things',
  answers: { 200: { description: 'Things.' } },
  ...more,
});

class Open {
  @Get('/v1/open')
  list() {
    return [];
  }
}

describe('a route', () => {
  it('is mounted with all that is to be known of it', () => {
    @Controller()
    class Things {
      @Endpoint(spec())
      list() {}
      notMounted() {}
    }
    const routes = new RouteTable();
    registerEndpoints([Things], routes);
    expect(routes.specs).toEqual([spec()]);
  });

  it('that says too little is named, with all others that do, and nothing is built', () => {
    @Controller()
    class Things extends Open {
      @Endpoint(spec({ scope: undefined as never }))
      nobody() {}
      @Endpoint(spec({ path: '/v1/all', scope: 'everybody' as never }))
      everybody() {}
      @Endpoint(spec({ method: 'POST', scope: 'write', name: 'makeThing' }))
      make() {}
      @Endpoint(spec({ name: 'makeThing' }))
      twin() {}
    }
    expect(() => registerEndpoints([Things], new RouteTable())).toThrow(
      [
        'routes are not fully specified: GET /v1/things declares no scope',
        'GET /v1/all declares no scope',
        'Things.list (GET) has no specification',
        'POST /v1/things has an effect and no rule for Idempotency-Key',
        'GET /v1/things and POST /v1/things are both named makeThing',
      ].join('; '),
    );
  });
});
