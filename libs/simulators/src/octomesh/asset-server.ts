import type { FastifyInstance, FastifyReply } from 'fastify';
import { createVendorServer, type VendorServerOptions } from '../kit/vendor-server.ts';
import { requireAccess, shownToken } from './access.ts';
import { graphqlRoutes, playgroundRoute } from './graphql-routes.ts';
import { healthRoute, restRoutes } from './rest-routes.ts';
import type { OctomeshState } from './state.ts';
import { HttpRefusal, restError, unauthorized } from './vendor-error.ts';

/** The asset repository with its GraphQL endpoint, and the administrative REST routes beside it. */
export function createAssetServer(state: OctomeshState, kit: Omit<VendorServerOptions, 'voice'>): FastifyInstance {
  const app = createVendorServer({
    ...kit,
    caseSensitive: false,
    voice: {
      error: (status) => ({ contentType: 'application/json', body: status === 401 ? unauthorized().body : '' }),
      rateLimited: () => ({ contentType: 'application/json', body: '' }),
      credential: shownToken,
    },
  });
  app.setErrorHandler((error, request, reply) => answerError(error, request.url, reply));
  app.setNotFoundHandler((_request, reply) => reply.code(404).send());
  healthRoute(app, state);
  playgroundRoute(app);
  app.register(async (behindToken) => {
    requireAccess(behindToken, state);
    graphqlRoutes(behindToken, state);
    restRoutes(behindToken, state);
  });
  return app;
}

function answerError(error: unknown, url: string, reply: FastifyReply): FastifyReply {
  if (error instanceof HttpRefusal) {
    const answer = reply.code(error.status).headers(error.headers);
    return error.body === '' ? answer.send() : answer.type('application/json').send(error.body);
  }
  const { statusCode, message } = error as { statusCode?: unknown; message?: string };
  const status = typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : 500;
  const text = status === 500 ? 'Internal server error' : (message ?? '');
  const body = url.startsWith('/api/') ? restError(status, text) : JSON.stringify({ errors: [{ message: text }] });
  return reply.code(status).type('application/json').send(body);
}
