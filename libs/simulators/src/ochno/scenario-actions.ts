import { z } from 'zod';
import { Actions, action } from '../kit/actions.ts';
import type { Faults } from '../kit/faults.ts';
import { burstInput, misbehaveInput } from '../kit/production-inputs.ts';
import type { MqttBroker } from './mqtt-broker.ts';
import { messageOf } from './mqtt-session.ts';
import { DEVICE_KINDS } from './plugged-devices.ts';
import { leavesOf, type PortMessage } from './port-data.ts';
import type { Hub } from './records.ts';
import type { OchnoScenario } from './scenario.ts';
import type { SimulatedPort } from './simulated-port.ts';
import type { OchnoState } from './state.ts';
import { portTopic } from './topics.ts';

/** Id, name, or position among the ports of the scenario. */
const device = z.union([z.string(), z.number().int().min(0)]);
const company = z.string();

export interface ActionParts {
  state: OchnoState;
  scenario: OchnoScenario;
  broker: MqttBroker;
  faults: Faults;
}

export function ochnoActions(parts: ActionParts): Actions {
  return new Actions({
    ...deviceActions(parts),
    ...plugActions(parts),
    ...messageActions(parts),
    ...streamActions(parts),
    ...accountActions(parts),
  });
}

function deviceActions({ state, scenario }: ActionParts) {
  return {
    devices: action('lists hubs and ports, and what is plugged in', z.strictObject({}), () => [
      ...scenario.ports.map(({ port, kind, level, nested }) => ({
        id: port.id,
        name: port.name,
        kind: 'port',
        ...state.placeOf(port),
        topic: portTopic(state.placeOf(port)),
        online: scenario.production.isOnline(port.hubId),
        plugged: kind ?? null,
        nested,
        ...(kind === 'lamp' ? { level } : {}),
      })),
      ...[...state.hubs.values()].map((hub) => ({
        id: hub.id,
        name: hub.name,
        kind: 'hub',
        companyId: state.companyOfLocation(hub.locationId),
        locationId: hub.locationId,
        online: scenario.production.isOnline(hub.id),
      })),
    ]),
    'set-online': action(
      'connects or disconnects a hub, or the hub of a port; what could not be sent is lost',
      z.strictObject({ device, online: z.boolean() }),
      (input) => scenario.setOnline(findHub(state, scenario, input.device), input.online),
    ),
    'hub-offline': action('disconnects a hub', z.strictObject({ device }), (input) =>
      scenario.setOnline(findHub(state, scenario, input.device), false),
    ),
    'add-device': action(
      'adds a port to a hub, the first one when none is named',
      z.strictObject({ name: z.string().min(1), hub: device.optional(), kind: z.enum(DEVICE_KINDS).optional() }),
      ({ name, hub, kind }) => {
        const { id } = scenario.addPort(findHub(state, scenario, hub ?? 0), name, kind);
        return { id };
      },
    ),
    'remove-device': action('removes a port, or a hub with its ports', z.strictObject({ device }), (input) => {
      const hub = typeof input.device === 'string' ? state.hubs.get(input.device) : undefined;
      if (hub) scenario.removeHub(hub);
      else scenario.removePort(findPort(scenario, input.device).port);
    }),
  };
}

function plugActions({ scenario }: ActionParts) {
  return {
    plug: action(
      'plugs something into a port',
      z.strictObject({ device, kind: z.enum(DEVICE_KINDS).default('phone') }),
      (input) => scenario.plug(findPort(scenario, input.device), input.kind),
    ),
    unplug: action('unplugs what is in a port', z.strictObject({ device }), (input) =>
      scenario.unplug(findPort(scenario, input.device)),
    ),
    lamp: action(
      'says how a lamp takes orders: it obeys, ignores them, or obeys delayMs later',
      z.strictObject({
        device,
        manner: z.enum(['obeys', 'ignores', 'late']),
        delayMs: z.number().min(0).default(5_000),
      }),
      (input) => {
        const lamp = findPort(scenario, input.device);
        lamp.manner = input.manner;
        lamp.mannerDelayMs = input.delayMs;
      },
    ),
  };
}

function messageActions({ state, scenario, broker }: ActionParts) {
  return {
    produce: action(
      'sends messages of a port as they are given; t is now where it is absent',
      z.strictObject({ device, telemetry: z.union([z.looseObject({}), z.array(z.looseObject({})).min(1)]) }),
      (input) => {
        const { port } = findPort(scenario, input.device);
        for (const message of [input.telemetry].flat()) {
          const t = typeof message.t === 'number' ? message.t : state.clock.now();
          state.say(port, { ...message, t } as PortMessage);
        }
      },
    ),
    burst: action(
      'sends so many messages of a port at once, their times stepMs apart, the last one now',
      burstInput(device),
      (input) => scenario.production.burst(findPort(scenario, input.device), input.count, input.stepMs),
    ),
    misbehave: action(
      'makes a port send a message late, two in the wrong order, its last one again, or a correction of it',
      misbehaveInput(device),
      (input) => scenario.production.misbehave(findPort(scenario, input.device), input.way, input.lateMs),
    ),
    'send-raw': action(
      'puts any text on the topic of a port; the ground truth does not know of it',
      z.strictObject({ device, payload: z.string(), qos: z.union([z.literal(0), z.literal(1)]).default(0) }),
      (input) => {
        const place = state.placeOf(findPort(scenario, input.device).port);
        return { heard: broker.send(place.companyId, messageOf(portTopic(place), input.payload), input.qos) };
      },
    ),
    stray: action(
      "sends a message of another company's port to every session of a company",
      z.strictObject({ company, device, payload: z.string().optional() }),
      (input) => {
        const { port } = findPort(scenario, input.device);
        const payload = input.payload ?? JSON.stringify({ ...port.data, t: state.clock.now() });
        return { sessions: broker.stray(input.company, portTopic(state.placeOf(port)), payload) };
      },
    ),
    leaves: action('the points that a message stands for', z.strictObject({ message: z.looseObject({}) }), (input) =>
      leavesOf(input.message as PortMessage),
    ),
  };
}

function streamActions({ broker, faults, state }: ActionParts) {
  return {
    sessions: action('lists the MQTT sessions', z.strictObject({}), () =>
      broker.sessions.map(({ clientId, companyId, filters, unacknowledged }) => ({
        clientId,
        companyId,
        filters,
        unacknowledged,
      })),
    ),
    evict: action(
      'ends all sessions, or those of one client id or company, as if another client had taken their place',
      z.strictObject({ target: z.string().optional() }),
      ({ target }) => ({ ended: broker.cut(target, 'evicted') }),
    ),
    'restart-broker': action(
      'nobody gets through to the broker for so long',
      z.strictObject({
        downMs: z.number().positive().default(10_000),
        mode: z.enum(['refuse', 'close', 'hang']).default('refuse'),
      }),
      async ({ downMs, mode }) => {
        const id = faults.add({ kind: 'outage', mode, listeners: ['mqtt'] }, { forMs: downMs });
        await faults.settled();
        return { id };
      },
    ),
    'drop-on-expiry': action(
      'whether sessions end when the credentials that opened them expire',
      z.strictObject({ on: z.boolean() }),
      ({ on }) => {
        broker.dropOnExpiry = on;
      },
    ),
    'session-limit': action('longest life of a session', z.strictObject({ ms: z.number().positive() }), ({ ms }) => {
      broker.sessionLimitMs = ms;
    }),
    'expire-credentials': action(
      'stream credentials, of one company or all, are expired from now on',
      z.strictObject({ company: company.optional() }),
      (input) => ({ expired: state.iot.expire(input.company) }),
    ),
    'credential-life': action(
      'life of stream credentials that are given out from now on',
      z.strictObject({ ms: z.number().positive() }),
      ({ ms }) => {
        state.iot.lifeMs = ms;
      },
    ),
  };
}

function accountActions({ state }: ActionParts) {
  return {
    'set-permission': action(
      'gives or takes what a user may do: see a company, open its stream, change things',
      z.strictObject({
        email: z.string(),
        company: company.optional(),
        see: z.boolean().optional(),
        stream: z.boolean().optional(),
        write: z.boolean().optional(),
      }),
      (input) => {
        const user = state.users.get(input.email);
        if (!user) throw new RangeError(`no user is known as ${input.email}`);
        if (input.write !== undefined) user.mayWrite = input.write;
        if (input.company === undefined) return;
        set(user.companies, input.company, input.see);
        set(user.streams, input.company, input.stream);
      },
    ),
  };
}

function set(members: Set<string>, member: string, wanted: boolean | undefined): void {
  if (wanted === true) members.add(member);
  else if (wanted === false) members.delete(member);
}

/** Throws RangeError. */
export function findPort(scenario: OchnoScenario, ref: string | number): SimulatedPort {
  const found =
    typeof ref === 'number'
      ? scenario.ports[ref]
      : (scenario.port(ref) ?? scenario.ports.find(({ port }) => port.name === ref || port.hwId === ref));
  if (!found) throw new RangeError(`no port is known as ${ref}`);
  return found;
}

/** A hub by its own id, name or hardware id, or the one that a port belongs to. Throws RangeError. */
export function findHub(state: OchnoState, scenario: OchnoScenario, ref: string | number): Hub {
  const own =
    typeof ref === 'string'
      ? (state.hubs.get(ref) ?? [...state.hubs.values()].find(({ name, hwId }) => name === ref || hwId === ref))
      : undefined;
  const found = own ?? state.hubs.get(findPort(scenario, ref).port.hubId);
  if (!found) throw new RangeError(`no hub is known as ${ref}`);
  return found;
}
