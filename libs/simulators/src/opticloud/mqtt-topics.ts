import type { TrueValue } from '../kit/series-log.ts';
import type { Device } from './device.ts';
import type { MqttSession } from './mqtt-session.ts';
import type { RpcDesk } from './rpc.ts';
import type { OpticloudState } from './state.ts';
import {
  PayloadError,
  parseAttributes,
  parseGatewayAttributes,
  parseGatewayTelemetry,
  parseObject,
  parseTelemetry,
} from './telemetry-payload.ts';

/** What a publication will do, once it is known to be well formed. */
export interface Publication {
  operation: string;
  run(): void;
}

export interface Desk {
  state: OpticloudState;
  rpc: RpcDesk;
}

/** Reads a publication. Throws `PayloadError` for a topic or a payload the vendor does not know: the session ends. */
export function readPublication(desk: Desk, session: MqttSession, topic: string, payload: string): Publication {
  const [, family, ...rest] = topic.split('/');
  if (topic.startsWith('v1/devices/me/')) return devicePublication(desk, session, rest.slice(1), payload);
  if (topic.startsWith('v1/gateway/') && family === 'gateway' && session.device.gateway) {
    return gatewayPublication(desk, session, rest.join('/'), payload);
  }
  throw new PayloadError(`topic ${topic} is not known`);
}

function devicePublication(desk: Desk, session: MqttSession, levels: string[], payload: string): Publication {
  const { state } = desk;
  const [area, kind, id, ...more] = levels;
  if (area === 'telemetry' && kind === undefined) return telemetry(state, session.device, payload);
  if (area === 'attributes' && kind === undefined) {
    const values = parseAttributes(payload);
    return { operation: 'OPTI-24', run: () => state.writeAttributes(session.device, 'CLIENT_SCOPE', values) };
  }
  const number = more.length === 0 ? requestId(id) : undefined;
  if (number === undefined) throw new PayloadError('topic is not known');
  if (area === 'attributes' && kind === 'request') return attributeRequest(session, number, payload);
  if (area === 'rpc' && kind === 'response') {
    const answer = JSON.parse(wellFormed(payload)) as TrueValue;
    return { operation: 'OPTI-RPC', run: () => desk.rpc.answer(session.device, number, answer) };
  }
  if (area === 'rpc' && kind === 'request') return deviceCall(state, session, number, payload);
  throw new PayloadError('topic is not known');
}

const requestId = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;

function telemetry(state: OpticloudState, device: Device, payload: string): Publication {
  const messages = parseTelemetry(payload);
  const timed = messages.some((message) => message.ts !== undefined);
  const operation = timed ? 'OPTI-23' : payload.trimStart().startsWith('[') ? 'OPTI-22' : 'OPTI-21';
  return { operation, run: () => state.writeTelemetry(device, messages) };
}

function attributeRequest(session: MqttSession, id: number, payload: string): Publication {
  const { clientKeys, sharedKeys } = parseObject(payload);
  const answer = {
    ...scopeAnswer('client', valuesOf(session.device, 'CLIENT_SCOPE', splitKeys(clientKeys))),
    ...scopeAnswer('shared', valuesOf(session.device, 'SHARED_SCOPE', splitKeys(sharedKeys))),
  };
  return { operation: 'OPTI-25', run: () => void session.push(`v1/devices/me/attributes/response/${id}`, answer) };
}

/** A scope of which nothing was asked, or nothing is there, is left out. */
const scopeAnswer = (name: string, values: Record<string, TrueValue>): Record<string, unknown> =>
  Object.keys(values).length > 0 ? { [name]: values } : {};

function splitKeys(keys: TrueValue | undefined): string[] {
  if (keys === undefined) return [];
  if (typeof keys !== 'string') throw new PayloadError('keys must be a text with commas');
  return keys
    .split(',')
    .map((key) => key.trim())
    .filter(Boolean);
}

function valuesOf(
  device: Device,
  scope: 'CLIENT_SCOPE' | 'SHARED_SCOPE',
  keys: readonly string[],
): Record<string, TrueValue> {
  const known = device.attributes[scope];
  return Object.fromEntries(
    keys.flatMap((key) => {
      const attribute = known.get(key);
      return attribute ? [[key, attribute.value]] : [];
    }),
  );
}

/** A device may ask the cloud the time; other methods need a rule that the scenario does not have. */
function deviceCall(state: OpticloudState, session: MqttSession, id: number, payload: string): Publication {
  const { method } = parseObject(payload);
  const answer = method === 'getCurrentTime' ? state.clock.now() : { error: 'unknown method' };
  return { operation: 'OPTI-RPC', run: () => void session.push(`v1/devices/me/rpc/response/${id}`, answer) };
}

function wellFormed(payload: string): string {
  try {
    JSON.parse(payload);
    return payload;
  } catch {
    throw new PayloadError('payload is not JSON');
  }
}

function gatewayPublication(desk: Desk, session: MqttSession, topic: string, payload: string): Publication {
  const { state, rpc } = desk;
  const operation = 'OPTI-GATEWAY';
  switch (topic) {
    case 'connect': {
      const name = deviceName(parseObject(payload).device);
      return { operation, run: () => void childOf(state, session, name) };
    }
    case 'disconnect': {
      const name = deviceName(parseObject(payload).device);
      return { operation, run: () => void session.children.delete(name) };
    }
    case 'telemetry': {
      const all = parseGatewayTelemetry(payload);
      const run = () => {
        for (const [name, list] of all) state.writeTelemetry(childOf(state, session, name), list);
      };
      return { operation, run };
    }
    case 'attributes': {
      const all = parseGatewayAttributes(payload);
      const run = () => {
        for (const [name, values] of all) state.writeAttributes(childOf(state, session, name), 'CLIENT_SCOPE', values);
      };
      return { operation, run };
    }
    case 'attributes/request':
      return { operation, run: gatewayAttributeRequest(state, session, payload) };
    case 'rpc': {
      const { device, id, data } = parseObject(payload);
      const name = deviceName(device);
      return { operation, run: () => rpc.answer(childOf(state, session, name), Number(id), data ?? null) };
    }
    default:
      throw new PayloadError(`topic v1/gateway/${topic} is not known`);
  }
}

function deviceName(name: TrueValue | undefined): string {
  if (typeof name !== 'string' || name === '') throw new PayloadError('device must be a name');
  return name;
}

/** The first word of a device behind a gateway makes it. */
function childOf(state: OpticloudState, session: MqttSession, name: string): Device {
  const child = state.deviceBehind(session.device, name);
  session.children.set(name, child);
  return child;
}

function gatewayAttributeRequest(state: OpticloudState, session: MqttSession, payload: string): () => void {
  const { id, device, client, shared } = parseObject(payload);
  const name = deviceName(device);
  const keysOf = (keys: TrueValue | undefined) => (Array.isArray(keys) ? keys.map(String) : splitKeys(keys));
  const clientKeys = keysOf(client);
  const sharedKeys = keysOf(shared);
  return () => {
    const child = childOf(state, session, name);
    const values = { ...valuesOf(child, 'CLIENT_SCOPE', clientKeys), ...valuesOf(child, 'SHARED_SCOPE', sharedKeys) };
    const asked = [...clientKeys, ...sharedKeys];
    // Quirk: one key is answered as "value", several as "values".
    const answer = asked.length === 1 ? { value: values[asked[0] ?? ''] ?? null } : { values };
    session.push('v1/gateway/attributes/response', { id, device: name, ...answer });
  };
}
