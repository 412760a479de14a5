import {
  type Adapter,
  type ConnectionConfig,
  type ConnectionKit,
  defineAdapter,
  Limitations,
  Presence,
} from '@tributary/adapter-kit';
import { Login } from './auth.ts';
import { AttributeLook, AttributeReader, attributesCapability } from './capabilities/attributes.ts';
import { Commands } from './capabilities/commands.ts';
import { devicesCapability, probe } from './capabilities/devices.ts';
import { entitiesCapability } from './capabilities/entities.ts';
import { filesCapability } from './capabilities/files.ts';
import { sharedUpdates } from './capabilities/stream.ts';
import { history, historyCost } from './capabilities/telemetry.history.ts';
import { TelemetryLook } from './capabilities/telemetry.ts';
import { writeTelemetry } from './capabilities/telemetry.write.ts';
import { ACCEPT, OpticloudClient } from './client.ts';
import { credentials, mqttUrlOf, settings } from './config.ts';
import { DeviceTokens } from './device-tokens.ts';
import { classify } from './errors.ts';
import { manifest } from './manifest.ts';
import { pollsOf } from './polls.ts';

type Config = ConnectionConfig<typeof settings, typeof credentials>;

function connect({ settings, credentials }: Config, kit: ConnectionKit): Adapter {
  const { baseUrl, pageSize } = settings;
  const open = { baseUrl, headers: { Accept: ACCEPT }, classify };
  const login = new Login(kit.http(open), kit, { ...credentials, ...settings });
  const client = new OpticloudClient(kit.http({ ...open, token: login }), kit);
  const limitations = new Limitations();
  const tokens = new DeviceTokens(client, kit.clock, limitations);
  const sessions = { kit, tokens, mqttUrl: mqttUrlOf(settings) };
  const attributes = { client, sessions, settings: settings.attributes, limitations };
  const reader = new AttributeReader(attributes);
  const attributeLook = new AttributeLook(reader);
  const presence = new Presence(settings.communication.offlineAfter);
  const telemetryLook = new TelemetryLook(client, settings.telemetry, presence);
  const devices = { client, login, pageSize, serialOf: (device: string) => attributeLook.serialOf(device) };
  const files = { client, tokens, limitations, pageSize };
  const polls = pollsOf({ kit, settings, client, attributeLook, telemetryLook, presence, files });
  const listening = { sessions, reader, limitations, devices: settings.actAs };

  return {
    probe: (signal) => probe(devices, signal),
    devices: devicesCapability(devices),
    polls,
    telemetry: {
      history: (query, signal) => history({ client, settings: settings.telemetry }, query, signal),
      historyCost: (query) => historyCost(settings.telemetry, query),
      write: (device, points, signal) => writeTelemetry(sessions, device, points, signal),
    },
    attributes: attributesCapability(reader, attributes),
    commands: new Commands({ client, clock: kit.clock, pageSize }),
    entities: entitiesCapability(devices),
    files: filesCapability(files),
    ...(settings.actAs.length > 0 ? { stream: { open: (signal) => sharedUpdates(listening, signal) } } : {}),
    limitations: () => [...limitations.list(), ...Object.values(polls).flatMap((poll) => poll.limitations())],
  };
}

export const adapter = defineAdapter({ manifest, settings, credentials, connect });
