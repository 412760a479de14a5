import { z } from 'zod';
import { Actions, action } from '../kit/actions.ts';
import { burstInput, misbehaveInput, onlineInput } from '../kit/production-inputs.ts';
import type { TrueValue } from '../kit/series-log.ts';
import type { Device } from './device.ts';
import type { MqttServer } from './mqtt.ts';
import { OSF_VARIANTS } from './osf-writer.ts';
import type { RpcDesk } from './rpc.ts';
import type { OpticloudScenario } from './scenario.ts';
import { addFile, FILE_PLACES } from './scenario-files.ts';
import type { OpticloudState } from './state.ts';
import { parseAttributes, parseTelemetry } from './telemetry-payload.ts';

/** Device id, token, name, or position in the scenario. */
const device = z.union([z.string(), z.number().int().min(0)]);

export interface ActionParts {
  state: OpticloudState;
  scenario: OpticloudScenario;
  mqtt: MqttServer;
  rpc: RpcDesk;
}

export function opticloudActions(parts: ActionParts): Actions {
  return new Actions({
    ...deviceActions(parts),
    ...telemetryActions(parts),
    ...fileActions(parts),
    ...cloudActions(parts),
  });
}

function deviceActions({ state, scenario, mqtt }: ActionParts) {
  return {
    devices: action('lists the devices with their tokens', z.strictObject({}), () =>
      state.devices().map((one) => ({
        id: one.id,
        name: one.name,
        tenant: one.tenant.name,
        token: one.token,
        gateway: one.gateway,
        online: scenario.production.isOnline(one),
      })),
    ),
    'set-online': action(
      'connects or disconnects a simulated device; what it measured meanwhile comes late, unless it forgets',
      onlineInput(device),
      (input) => scenario.setOnline(findDevice(state, input.device), input.online, input.forgets),
    ),
    'call-in': action(
      'a simulated device connects now and carries out what is queued for it',
      z.strictObject({ device, request: z.enum(['PING', 'ATTN']).default('PING') }),
      (input) => scenario.devices.callIn(findDevice(state, input.device), input.request),
    ),
    'add-device': action(
      'adds a device to the first tenant',
      z.strictObject({ name: z.string().min(1) }),
      ({ name }) => {
        const { id, token } = scenario.addDevice(name);
        return { id, token };
      },
    ),
    'remove-device': action('removes a device', z.strictObject({ device }), (input) => {
      const found = findDevice(state, input.device);
      scenario.removeDevice(found);
      mqtt.cut(found.id);
    }),
    'change-token': action(
      'gives a device another access token; its sessions end',
      z.strictObject({ device, token: z.string().min(1) }),
      (input) => {
        const found = findDevice(state, input.device);
        state.changeToken(found, input.token);
        mqtt.cut(found.id);
      },
    ),
  };
}

function telemetryActions({ state, scenario }: ActionParts) {
  return {
    burst: action(
      'sends so many snapshots of a device at once, stepMs apart, the last one now',
      burstInput(device),
      (input) => scenario.production.burst(findDevice(state, input.device), input.count, input.stepMs),
    ),
    misbehave: action(
      'makes a device send a snapshot late, two in the wrong order, its last one again, or a correction of it',
      misbehaveInput(device),
      (input) => scenario.production.misbehave(findDevice(state, input.device), input.way, input.lateMs),
    ),
    produce: action(
      'writes telemetry as the device would: late, out of order, twice or corrected, as its times and values say',
      z.strictObject({ device, telemetry: z.json() }),
      (input) => state.writeTelemetry(findDevice(state, input.device), parseTelemetry(JSON.stringify(input.telemetry))),
    ),
  };
}

function fileActions({ state }: ActionParts) {
  return {
    'add-file': action(
      'adds a measurement file; the place says where it lies and what the cloud knows of it',
      z.strictObject({
        device,
        place: z.enum(FILE_PLACES).default('both'),
        startMs: z.number().int(),
        endMs: z.number().int(),
        tag: z.string().default('preview'),
        variant: z.enum(OSF_VARIANTS).default('device'),
        count: z.number().int().min(1).max(100_000).default(60),
        padBytes: z.number().int().min(0).max(1_000_000_000).default(0),
      }),
      ({ device: ref, place, ...description }) => ({ name: addFile(findDevice(state, ref), description, place) }),
    ),
    'remove-device-file': action(
      'removes a file from the device; the cloud learns of it when the device lists its files',
      z.strictObject({ device, name: z.string() }),
      (input) => ({ removed: findDevice(state, input.device).ownFiles.remove(input.name) }),
    ),
    'request-file': action(
      'a user asks for a file that is on the device only: it is requested, and queued',
      z.strictObject({ device, name: z.string() }),
      (input) => {
        const found = findDevice(state, input.device);
        if (!found.cloudFiles.request(input.name)) throw new RangeError(`the cloud knows no file ${input.name}`);
        found.queue.add('application/om-request-file', input.name, state.clock.now());
      },
    ),
    'file-samples': action(
      'what a reader should find in a file',
      z.strictObject({ device, name: z.string() }),
      (input) => {
        const found = findDevice(state, input.device);
        const file = found.cloudFiles.get(input.name)?.file ?? found.ownFiles.get(input.name);
        return file?.samples?.() ?? [];
      },
    ),
  };
}

function cloudActions({ state, rpc }: ActionParts) {
  return {
    'set-shared': action(
      'a user sets shared attributes; they are pushed to subscribed sessions',
      z.strictObject({ device, values: z.record(z.string(), z.json()) }),
      (input) =>
        state.writeAttributes(
          findDevice(state, input.device),
          'SHARED_SCOPE',
          parseAttributes(JSON.stringify(input.values)),
        ),
    ),
    'delete-shared': action(
      'a user deletes shared attributes',
      z.strictObject({ device, keys: z.array(z.string()).min(1) }),
      (input) => state.deleteAttributes(findDevice(state, input.device), 'SHARED_SCOPE', input.keys),
    ),
    rpc: action(
      'calls a device over MQTT and returns its answer',
      z.strictObject({
        device,
        method: z.string(),
        params: z.json().default(null),
        oneWay: z.boolean().default(false),
        timeoutMs: z.number().positive().optional(),
      }),
      ({ device: ref, method, params, oneWay, timeoutMs = state.options.rpcTimeoutMs }) =>
        rpc.call(findDevice(state, ref), method, params as TrueValue, { oneWay, timeoutMs }),
    ),
    queue: action('lists what was queued for a device, and how far it is', z.strictObject({ device }), (input) =>
      findDevice(state, input.device).queue.tasks.map(({ messageId, contentType, queuedAt, state: progress }) => ({
        messageId,
        contentType,
        queuedAt,
        state: progress,
      })),
    ),
    'queue-command': action(
      'queues any other order for a device',
      z.strictObject({
        device,
        contentType: z.enum([
          'application/om-bash',
          'application/om-scpi-dev',
          'application/om-scpi-app',
          'application/om-firmware-update',
          'application/om-cancel',
        ]),
        body: z.string().default(''),
      }),
      (input) => ({
        messageId: findDevice(state, input.device).queue.add(input.contentType, input.body, state.clock.now())
          .messageId,
      }),
    ),
  };
}

/** Throws RangeError. */
export function findDevice(state: OpticloudState, ref: string | number): Device {
  const found =
    typeof ref === 'number'
      ? state.devices().find((one) => one.index === ref)
      : (state.device(ref) ?? state.deviceByToken(ref) ?? state.devices().find((one) => one.name === ref));
  if (!found) throw new RangeError(`no device is known as ${ref}`);
  return found;
}
