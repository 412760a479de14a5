import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { bootSimulator, layFoundation, openDoor } from '../kit/boot.ts';
import type { Faults } from '../kit/faults.ts';
import { handleOutages } from '../kit/gate-faults.ts';
import { GroundTruth } from '../kit/ground-truth.ts';
import type { Journal } from '../kit/journal.ts';
import type { Simulator } from '../kit/simulator.ts';
import { createVendorServer, type VendorVoice } from '../kit/vendor-server.ts';
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
  const foundation = layFoundation(options);
  const { clock, truth, faults, journal } = foundation;
  const state = new OchnoState(options, clock, truth, new GroundTruth());
  const scenario = new OchnoScenario(state);
  const lamps = new Lamps(state, scenario);
  const onAction = lamps.order.bind(lamps);
  const broker = new MqttBroker({ options, clock, faults, journal, onAction });
  state.outlet = (companyId, topic, payload) => broker.send(companyId, messageOf(topic, payload), options.portQos);
  const authority = await seededAuthority(options.seed);
  const tls = await serverCertificate(authority, [options.publicHost, hostPart(options.iotHost)]);
  return bootSimulator({
    foundation,
    control: options,
    open: async (doors) => {
      const { host, signatureSkewMs } = options;
      const door = { host, port: options.mqttPort, tls, signatureSkewMs };
      const iot = await IotEndpoint.start({ ...door, credentials: state.iot, broker, clock, faults, journal });
      doors.defer(() => iot.stop());
      const iotHost = options.iotHost ?? `${bracketed(options.publicHost)}:${iot.gate.port}`;
      const rest = await openDoor(doors, createRestServer({ state, scenario, faults, journal, iotHost }), options);
      faults.handle('expire-tokens', () => void state.tokens.expireAll());
      faults.handle('cut-streams', ({ client }) => void broker.cut(client));
      handleOutages(faults, { rest, mqtt: iot.gate });
      const url = `http://${bracketed(host)}:${rest.port}`;
      const mqttUrl = `wss://${iotHost}/mqtt`;
      return {
        platform: 'ochno',
        url,
        mqttUrl,
        ca: authority.cert,
        addresses: { mqttUrl },
        demoConnection: ochnoDemoConnection({ baseUrl: url, ca: authority.cert }),
        production: scenario.production,
        actions: ochnoActions({ state, scenario, broker, faults }),
        state,
        scenario,
        broker,
      };
    },
    start: () => {
      scenario.start();
      broker.start();
    },
  });
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

const bracketed = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host);

/** Name of a `host:port`, to be written into the certificate. */
const hostPart = (host: string | undefined): string =>
  (host ?? 'localhost').replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
