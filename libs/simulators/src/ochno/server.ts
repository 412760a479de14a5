import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { createControlApi } from '../kit/control-api.ts';
import { Faults } from '../kit/faults.ts';
import type { Gate } from '../kit/gate.ts';
import { GroundTruth } from '../kit/ground-truth.ts';
import { Journal } from '../kit/journal.ts';
import { ScenarioClock } from '../kit/scenario-clock.ts';
import type { Simulator } from '../kit/simulator.ts';
import { createVendorServer, listen, type VendorVoice } from '../kit/vendor-server.ts';
import { authRoutes, requireToken, shownToken } from './auth-routes.ts';
import { seededAuthority, serverCertificate } from './certificates.ts';
import { companyRoutes } from './company-routes.ts';
import { ochnoDemoConnection } from './demo-connection.ts';
import { hardwareRoutes } from './hardware-routes.ts';
import { IotEndpoint } from './iot-endpoint.ts';
import { Lamps } from './lamps.ts';
import { metricsRoutes } from './metrics-routes.ts';
import { MqttBroker } from './mqtt-broker.ts';
import { messageOf } from './mqtt-session.ts';
import { defaultOptions, type OchnoOptions } from './options.ts';
import { placeRoutes } from './place-routes.ts';
import { OchnoScenario } from './scenario.ts';
import { ochnoActions } from './scenario-actions.ts';
import { OchnoState } from './state.ts';
import { answerError, errorBody, notFound } from './vendor-error.ts';

export interface OchnoSimulator extends Simulator {
  /** `wss://…/mqtt`; nobody gets in without a signature. */
  readonly mqttUrl: string;
  /** PEM of the authority that vouches for the broker. */
  readonly ca: string;
  readonly state: OchnoState;
  readonly scenario: OchnoScenario;
  readonly broker: MqttBroker;
}

/** Starts the simulated Ochno: REST, MQTT and control, each on its own port. Throws when a port is taken. */
export async function startOchno(given: Partial<OchnoOptions> = {}): Promise<OchnoSimulator> {
  const options: OchnoOptions = { ...defaultOptions, ...given };
  const clock = new ScenarioClock(options.clock);
  const truth = new GroundTruth();
  const faults = new Faults(clock);
  const journal = new Journal(options.journalCapacity);
  const state = new OchnoState(options, clock, truth, new GroundTruth());
  const scenario = new OchnoScenario(state);
  const lamps = new Lamps(state, scenario);
  const onAction = lamps.order.bind(lamps);
  const broker = new MqttBroker({ options, clock, faults, journal, onAction });
  state.outlet = (companyId, topic, payload) => broker.send(companyId, messageOf(topic, payload), options.portQos);
  const authority = await seededAuthority(options.seed);
  const tls = await serverCertificate(authority, [options.publicHost, hostPart(options.iotHost)]);
  const open = new AsyncDisposableStack();
  try {
    const { host, signatureSkewMs } = options;
    const door = { host, port: options.mqttPort, tls, signatureSkewMs };
    const iot = await IotEndpoint.start({ ...door, credentials: state.iot, broker, clock, faults, journal });
    open.defer(() => iot.stop());
    const iotHost = options.iotHost ?? `${bracketed(options.publicHost)}:${iot.gate.port}`;
    const rest = createRestServer({ state, scenario, faults, journal, iotHost });
    open.defer(() => rest.close());
    const restGate = await listen(rest, { host, port: options.port });
    open.defer(() => restGate.close());
    handleFaults(faults, state, broker, { rest: restGate, mqtt: iot.gate });
    const url = `http://${bracketed(host)}:${restGate.port}`;
    const mqttUrl = `wss://${iotHost}/mqtt`;
    const simulator = {
      platform: 'ochno',
      url,
      mqttUrl,
      ca: authority.cert,
      controlUrl: '',
      addresses: { mqttUrl },
      demoConnection: ochnoDemoConnection({ baseUrl: url, ca: authority.cert }),
      clock,
      faults,
      journal,
      truth,
      production: scenario.production,
      actions: ochnoActions({ state, scenario, broker, faults }),
      state,
      scenario,
      broker,
      stop: () => open.disposeAsync(),
    };
    const control = createControlApi(simulator);
    open.defer(() => control.close());
    simulator.controlUrl = await control.listen({ host, port: options.controlPort });
    open.defer(() => clock.dispose());
    open.defer(() => {
      faults.clear();
      return faults.settled();
    });
    scenario.start();
    broker.start();
    return simulator;
  } catch (error) {
    await open.disposeAsync();
    throw error;
  }
}

interface RestParts {
  state: OchnoState;
  scenario: OchnoScenario;
  faults: Faults;
  journal: Journal;
  iotHost: string;
}

function createRestServer({ state, scenario, faults, journal, iotHost }: RestParts): FastifyInstance {
  const app = createVendorServer({ clock: state.clock, faults, journal, voice });
  app.setErrorHandler((error, _request, reply) => answerError(reply, error));
  app.setNotFoundHandler((_request, reply) => answerError(reply, notFound()));
  authRoutes(app, state);
  app.register(async (behindToken) => {
    requireToken(behindToken, state);
    companyRoutes(behindToken, state, iotHost);
    placeRoutes(behindToken, state);
    hardwareRoutes(behindToken, state, scenario);
    metricsRoutes(behindToken, state);
  });
  return app;
}

const say = (status: number) => ({ contentType: 'application/json', body: errorBody(status) });

/** The vendor's own words for what a fault makes it say. */
const voice: VendorVoice = { error: say, rateLimited: () => say(429), credential: shownToken };

function handleFaults(faults: Faults, state: OchnoState, broker: MqttBroker, gates: Record<string, Gate>): void {
  faults.handle('expire-tokens', () => {
    state.tokens.expireAll();
    return undefined;
  });
  faults.handle('cut-streams', ({ client }) => {
    broker.cut(client);
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

const bracketed = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host);

/** Name of a `host:port`, to be written into the certificate. */
const hostPart = (host: string | undefined): string =>
  (host ?? 'localhost').replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
