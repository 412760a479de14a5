import type { FastifyError, FastifyInstance } from 'fastify';
import { bootSimulator, layFoundation, openDoor } from '../kit/boot.ts';
import type { Faults } from '../kit/faults.ts';
import type { Gate } from '../kit/gate.ts';
import type { Journal } from '../kit/journal.ts';
import type { Simulator } from '../kit/simulator.ts';
import { createVendorServer, type VendorVoice } from '../kit/vendor-server.ts';
import { exosenseDemoConnection } from './demo-connection.ts';
import { graphqlRoutes, sendGeneral, shownToken } from './graphql-routes.ts';
import { type GivenOptions, withDefaults } from './options.ts';
import { reportRoutes } from './report-routes.ts';
import { allResolvers } from './resolvers.ts';
import { ExosenseScenario } from './scenario.ts';
import { exosenseActions } from './scenario-actions.ts';
import { createSchema } from './schema-dialect.ts';
import { ExosenseState } from './state.ts';
import { errorsBody, generalError } from './vendor-error.ts';

export interface ExosenseSimulator extends Simulator {
  readonly state: ExosenseState;
  readonly scenario: ExosenseScenario;
}

/** Starts the simulated ExoSense: its GraphQL endpoint with the report files, and control. Throws when a port is taken. */
export async function startExosense(given: GivenOptions = {}): Promise<ExosenseSimulator> {
  const options = withDefaults(given);
  const foundation = layFoundation(options);
  const { clock, truth, faults, journal } = foundation;
  const state = new ExosenseState(options, clock, truth);
  const scenario = new ExosenseScenario(state);
  return bootSimulator({
    foundation,
    control: options,
    open: async (doors) => {
      const gate = await openDoor(doors, createApiServer(state, faults, journal), options);
      handleFaults(faults, state, gate);
      state.publicUrl = `http://${options.host}:${gate.port}`;
      return {
        platform: 'exosense',
        url: state.publicUrl,
        addresses: {},
        demoConnection: exosenseDemoConnection(state.publicUrl),
        production: scenario.production,
        actions: exosenseActions({ state, scenario }),
        state,
        scenario,
      };
    },
    start: () => scenario.start(),
  });
}

const voice: VendorVoice = {
  error: generalError,
  rateLimited: () => ({ contentType: 'application/json', body: errorsBody('ExceededRateLimitRequests') }),
  credential: (request) => shownToken(request) ?? request.headers.authorization,
};

function createApiServer(state: ExosenseState, faults: Faults, journal: Journal): FastifyInstance {
  const app = createVendorServer({ clock: state.clock, faults, journal, voice });
  app.addHook('onRequest', async (_request, reply) =>
    state.options.answers.organizationTier ? undefined : sendGeneral(reply, 403),
  );
  app.addHook('onSend', async (_request, reply) => {
    // The vendor's clock is the scenario's, also where it is only written on the envelope.
    reply.header('date', new Date(state.clock.now()).toUTCString());
  });
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const given = error.statusCode ?? 500;
    const status = given === 415 ? 400 : given;
    const { contentType, body } = generalError(status);
    return reply
      .code(status)
      .type(contentType)
      .send(status < 500 ? errorsBody(error.message) : body);
  });
  app.setNotFoundHandler((_request, reply) => sendGeneral(reply, 404));
  graphqlRoutes(app, state, createSchema(state.options.schema, allResolvers()));
  reportRoutes(app, state);
  return app;
}

/** There is one door: an outage shuts it, whatever listeners it names. */
function handleFaults(faults: Faults, state: ExosenseState, gate: Gate): void {
  faults.handle('expire-tokens', () => void state.accounts.revokeAll());
  faults.handle('outage', ({ mode }) => {
    faults.track(gate.shut(mode));
    return () => faults.track(gate.reopen());
  });
}
