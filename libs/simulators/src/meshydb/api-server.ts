import type { FastifyInstance } from 'fastify';
import type { Faults } from '../kit/faults.ts';
import type { Journal } from '../kit/journal.ts';
import { createVendorServer } from '../kit/vendor-server.ts';
import { requirePlace, requireToken, shownToken } from './access.ts';
import { bulkRoutes } from './bulk-routes.ts';
import { meshRoutes } from './mesh-routes.ts';
import { peopleRoutes } from './people-routes.ts';
import { projectionRoutes } from './projection-routes.ts';
import { registrationRoutes } from './registration-routes.ts';
import { roleRoutes } from './role-routes.ts';
import type { MeshydbState } from './state.ts';
import { openUserRoutes, profileRoutes } from './user-routes.ts';
import { answerApiError, apiVoice, JSON_TYPE, notFound } from './vendor-error.ts';

/** The host of users and meshes. */
export function createApiServer(state: MeshydbState, kit: { faults: Faults; journal: Journal }): FastifyInstance {
  const voice = { error: apiVoice, rateLimited: () => apiVoice(429), credential: shownToken };
  const app = createVendorServer({ clock: state.clock, ...kit, voice, caseSensitive: false });
  takeEmptyBodies(app);
  app.setErrorHandler((error, _request, reply) => answerApiError(reply, error));
  app.setNotFoundHandler((_request, reply) => answerApiError(reply, notFound('Resource')));
  app.addHook('onSend', async (_request, reply, payload) => {
    if (payload !== undefined && reply.getHeader('content-type') === undefined) reply.type(JSON_TYPE);
    return payload;
  });
  requirePlace(app, state);
  openUserRoutes(app, state);
  if (state.options.extended) registrationRoutes(app, state);
  app.register(async (behindToken) => {
    requireToken(behindToken, state);
    profileRoutes(behindToken);
    meshRoutes(behindToken, state);
    if (state.options.extended) extendedRoutes(behindToken, state);
  });
  return app;
}

/** What the later pages describe. */
function extendedRoutes(app: FastifyInstance, state: MeshydbState): void {
  peopleRoutes(app, state);
  bulkRoutes(app, state);
  projectionRoutes(app);
  roleRoutes(app, state);
}

/** Clients that always name a content type also name it where they send nothing. */
function takeEmptyBodies(app: FastifyInstance): void {
  const read = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void read(request, String(body), done);
  });
}
