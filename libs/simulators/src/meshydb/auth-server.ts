import { parse } from 'node:querystring';
import type { FastifyInstance } from 'fastify';
import type { Faults } from '../kit/faults.ts';
import type { Journal } from '../kit/journal.ts';
import { createVendorServer } from '../kit/vendor-server.ts';
import { requirePlace } from './access.ts';
import type { MeshydbState } from './state.ts';
import { revocationRoute, tokenRoute } from './token-routes.ts';
import { answerAuthError, authVoice, notFound } from './vendor-error.ts';

/** The host that gives out tokens. It takes forms and nothing else. */
export function createAuthServer(state: MeshydbState, kit: { faults: Faults; journal: Journal }): FastifyInstance {
  const voice = { error: authVoice, rateLimited: () => authVoice(429), credential: () => undefined };
  const app = createVendorServer({ clock: state.clock, ...kit, voice, caseSensitive: false });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, parse(String(body))),
  );
  app.setErrorHandler((error, _request, reply) => answerAuthError(reply, error));
  app.setNotFoundHandler((_request, reply) => answerAuthError(reply, notFound('Resource')));
  requirePlace(app, state);
  tokenRoute(app, state);
  revocationRoute(app, state);
  return app;
}
