import type { FastifyInstance, FastifyRequest } from 'fastify';
import { bootSimulator, layFoundation, openDoor } from '../kit/boot.ts';
import type { Faults } from '../kit/faults.ts';
import { handleOutages } from '../kit/gate-faults.ts';
import type { Journal } from '../kit/journal.ts';
import type { Simulator } from '../kit/simulator.ts';
import { createVendorServer, type VendorVoice } from '../kit/vendor-server.ts';
import { apiDescriptionRoute, collectRoutes } from './api-description.ts';
import { attributeRoutes } from './attribute-routes.ts';
import { authRoutes, requireToken, shownToken } from './auth-routes.ts';
import { commandRoutes } from './command-routes.ts';
import { opticloudDemoConnection } from './demo-connection.ts';
import { deviceHttpRoutes } from './device-http-routes.ts';
import { deviceProtocol } from './device-protocol.ts';
import { deviceRoutes } from './device-routes.ts';
import { fileRoutes } from './file-routes.ts';
import { MqttServer } from './mqtt.ts';
import { defaultOptions, type OpticloudOptions } from './options.ts';
import { RpcDesk } from './rpc.ts';
import { OpticloudScenario } from './scenario.ts';
import { opticloudActions } from './scenario-actions.ts';
import { OpticloudState } from './state.ts';
import { telemetryRoutes } from './telemetry-routes.ts';
import { answerError, errorBody, generalError, notFound } from './vendor-error.ts';

export interface OpticloudSimulator extends Simulator {
  readonly mqttUrl: string;
  readonly state: OpticloudState;
  readonly scenario: OpticloudScenario;
  readonly mqtt: MqttServer;
}

/** Starts the simulated optiCLOUD: REST, MQTT and control, each on its own port. Throws when a port is taken. */
export async function startOpticloud(given: Partial<OpticloudOptions> = {}): Promise<OpticloudSimulator> {
  const options: OpticloudOptions = { ...defaultOptions, ...given };
  const foundation = layFoundation(options);
  const { clock, truth, faults, journal } = foundation;
  const state = new OpticloudState(options, clock, truth);
  const scenario = new OpticloudScenario(state);
  const rpc = new RpcDesk(clock);
  return bootSimulator({
    foundation,
    control: options,
    open: async (doors) => {
      const { host, mqttPort } = options;
      const rest = await openDoor(doors, createRestServer({ state, faults, journal, rpc }), options);
      const mqtt = await MqttServer.start({ host, port: mqttPort, state, rpc, faults, journal });
      doors.defer(() => mqtt.stop());
      faults.handle('expire-tokens', () => void state.tokens.expireAll());
      faults.handle('cut-streams', ({ client }) => void mqtt.cut(client));
      handleOutages(faults, { rest, mqtt: mqtt.gate });
      const url = `http://${host}:${rest.port}`;
      const mqttUrl = `mqtt://${host}:${mqtt.gate.port}`;
      return {
        platform: 'opticloud',
        url,
        mqttUrl,
        addresses: { mqttUrl },
        demoConnection: opticloudDemoConnection({ baseUrl: url, mqttUrl }),
        production: scenario.production,
        actions: opticloudActions({ state, scenario, mqtt, rpc }),
        state,
        scenario,
        mqtt,
      };
    },
    start: () => scenario.start(),
  });
}

interface RestParts {
  state: OpticloudState;
  faults: Faults;
  journal: Journal;
  rpc: RpcDesk;
}

function createRestServer({ state, faults, journal, rpc }: RestParts): FastifyInstance {
  const app = createVendorServer({ clock: state.clock, faults, journal, voice: voiceOf(state) });
  const routes = collectRoutes(app);
  app.setErrorHandler((error, _request, reply) => answerError(reply, error, state.clock.now()));
  app.setNotFoundHandler((_request, reply) => answerError(reply, notFound('Resource'), state.clock.now()));
  authRoutes(app, state);
  app.register(async (device) => {
    deviceProtocol(device, state);
    deviceHttpRoutes(device, state);
  });
  app.register(async (behindToken) => {
    requireToken(behindToken, state);
    deviceRoutes(behindToken, state);
    telemetryRoutes(behindToken, state);
    attributeRoutes(behindToken, state);
    fileRoutes(behindToken, state);
    commandRoutes(behindToken, state, rpc);
    apiDescriptionRoute(behindToken, routes);
  });
  return app;
}

/** The vendor's own words for what a fault makes it say. */
function voiceOf(state: OpticloudState): VendorVoice {
  const say = (status: number) => {
    const { errorCode, message } = generalError(status);
    return { contentType: 'application/json', body: errorBody(status, errorCode, message, state.clock.now()) };
  };
  return { error: say, rateLimited: () => say(429), credential: credentialOf };
}

/** A user's token, or a device's where devices speak. */
function credentialOf(request: FastifyRequest): string | undefined {
  const { ID } = request.query as { ID?: string };
  const { token } = request.params as { token?: string };
  return shownToken(request) ?? ID ?? (request.url.startsWith('/api/v1/') ? token : undefined);
}
