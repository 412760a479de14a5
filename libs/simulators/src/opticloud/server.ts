import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createControlApi } from '../kit/control-api.ts';
import { Faults } from '../kit/faults.ts';
import type { Gate } from '../kit/gate.ts';
import { GroundTruth } from '../kit/ground-truth.ts';
import { Journal } from '../kit/journal.ts';
import { ScenarioClock } from '../kit/scenario-clock.ts';
import type { Simulator } from '../kit/simulator.ts';
import { createVendorServer, listen, type VendorVoice } from '../kit/vendor-server.ts';
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
  const clock = new ScenarioClock(options.clock);
  const truth = new GroundTruth();
  const faults = new Faults(clock);
  const journal = new Journal(options.journalCapacity);
  const state = new OpticloudState(options, clock, truth);
  const scenario = new OpticloudScenario(state);
  const rpc = new RpcDesk(clock);
  const rest = createRestServer({ state, faults, journal, rpc });
  const open = new AsyncDisposableStack();
  try {
    open.defer(() => rest.close());
    const restGate = await listen(rest, { host: options.host, port: options.port });
    open.defer(() => restGate.close());
    const mqtt = await MqttServer.start({ host: options.host, port: options.mqttPort, state, rpc, faults, journal });
    open.defer(() => mqtt.stop());
    handleFaults(faults, state, mqtt, { rest: restGate, mqtt: mqtt.gate });
    const url = `http://${options.host}:${restGate.port}`;
    const mqttUrl = `mqtt://${options.host}:${mqtt.gate.port}`;
    const simulator = {
      platform: 'opticloud',
      url,
      mqttUrl,
      controlUrl: '',
      addresses: { mqttUrl },
      demoConnection: opticloudDemoConnection({ baseUrl: url, mqttUrl }),
      clock,
      faults,
      journal,
      truth,
      production: scenario.production,
      actions: opticloudActions({ state, scenario, mqtt, rpc }),
      state,
      scenario,
      mqtt,
      stop: () => open.disposeAsync(),
    };
    const control = createControlApi(simulator);
    open.defer(() => control.close());
    simulator.controlUrl = await control.listen({ host: options.host, port: options.controlPort });
    open.defer(() => clock.dispose());
    open.defer(() => {
      faults.clear();
      return faults.settled();
    });
    scenario.start();
    return simulator;
  } catch (error) {
    await open.disposeAsync();
    throw error;
  }
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

function handleFaults(faults: Faults, state: OpticloudState, mqtt: MqttServer, gates: Record<string, Gate>): void {
  faults.handle('expire-tokens', () => {
    state.tokens.expireAll();
    return undefined;
  });
  faults.handle('cut-streams', ({ client }) => {
    mqtt.cut(client);
    return undefined;
  });
  faults.handle('outage', ({ mode, listeners }) => {
    const hit = Object.entries(gates)
      .filter(([name]) => !listeners || listeners.includes(name))
      .map(([, gate]) => gate);
    for (const gate of hit) faults.track(gate.shut(mode));
    return () => {
      for (const gate of hit) faults.track(gate.reopen());
    };
  });
}
