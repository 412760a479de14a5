import {
  type Adapter,
  type ConnectionConfig,
  type ConnectionKit,
  defineAdapter,
  Limitations,
  PermittedPoll,
  type Poll,
  Presence,
} from '@tributary/adapter-kit';
import { authorization } from './auth.ts';
import { StatusPoll } from './capabilities/attributes.status.ts';
import { AttributePoll, attributesCapability } from './capabilities/attributes.ts';
import { Commands } from './capabilities/commands.ts';
import { devicesCapability } from './capabilities/devices.ts';
import { Entities } from './capabilities/entities.ts';
import { graphqlCapability } from './capabilities/graphql.ts';
import { LogPoll } from './capabilities/platform-events.ts';
import { historyCost, readHistory } from './capabilities/telemetry.history.ts';
import { TelemetrySweep } from './capabilities/telemetry.ts';
import { usersCapability } from './capabilities/users.ts';
import { ExosenseClient } from './client.ts';
import { credentials, type Settings, settings } from './config.ts';
import { Instance } from './instance.ts';
import { manifest } from './manifest.ts';
import { Reports } from './reports.ts';
import { SchemaKeeper } from './schema-keeper.ts';

/** A right that is missing is looked for again now and then: somebody may have given it. */
const LOOK_AGAIN_MS = 3_600_000;

type Config = ConnectionConfig<typeof settings, typeof credentials>;

function connect({ settings, credentials }: Config, kit: ConnectionKit): Adapter {
  const { baseUrl, names, pageSize, rootGroup } = settings;
  const limitations = new Limitations();
  const client = new ExosenseClient(kit, { baseUrl, headers: authorization(credentials.token) });
  const schema = new SchemaKeeper({ client, names, limitations, clock: kit.clock, log: kit.log });
  const instance = new Instance(client, schema, { kit, limitations });
  const devices = { instance, pageSize, rootGroup, known: () => kit.devices() };
  const reports = new Reports(instance, kit);
  const telemetry = new TelemetrySweep({ instance, reports, kit, settings: settings.telemetry, limitations });

  return {
    probe: (signal) => instance.probe({ lane: 'interactive', signal }),
    devices: devicesCapability(devices),
    polls: {
      telemetry,
      attributes: new AttributePoll(devices),
      ...quietPolls(instance, kit, { ...settings, limitations }),
    },
    telemetry: {
      history: (query, signal) => readHistory({ instance, reports, kit }, query, signal),
      historyCost: (query) => historyCost({ reports }, query),
    },
    attributes: attributesCapability(devices),
    commands: new Commands({ instance, kit }),
    entities: new Entities(instance),
    users: usersCapability(instance),
    graphql: graphqlCapability(client),
    limitations: () => limitations.list(),
  };
}

/** What can be switched off, here or by the token's role. */
function quietPolls(
  instance: Instance,
  kit: ConnectionKit,
  { statuses, logs, limitations }: Pick<Settings, 'statuses' | 'logs'> & { limitations: Limitations },
): Record<string, Poll> {
  const { clock } = kit;
  const presence = new Presence(statuses.offlineAfter);
  const permitted = (what: string, poll: Poll) => {
    const text = `the token's role does not allow reading ${what}`;
    return new PermittedPoll(poll, { limitations, what, text, rest: { ms: LOOK_AGAIN_MS, clock } });
  };
  return {
    ...(statuses.enabled ? { statuses: permitted('states', new StatusPoll(instance, kit, presence)) } : {}),
    ...(logs.enabled ? { logs: permitted('the event log', new LogPoll(instance, kit, logs)) } : {}),
  };
}

/** Limits are the token's: connections that share one share them. */
export const adapter = defineAdapter({
  manifest,
  settings,
  credentials,
  budgetKey: ({ credentials }) => credentials.token.reveal(),
  connect,
});
