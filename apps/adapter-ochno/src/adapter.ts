import {
  type Adapter,
  type ConnectionConfig,
  type ConnectionKit,
  defineAdapter,
  Limitations,
  Presence,
} from '@tributary/adapter-kit';
import { Login } from './auth.ts';
import { attributesCapability } from './capabilities/attributes.ts';
import { Commands } from './capabilities/commands.ts';
import { devicesCapability, probe } from './capabilities/devices.ts';
import { EntityChanges } from './capabilities/entities.changes.ts';
import { Entities } from './capabilities/entities.ts';
import { presencePoll } from './capabilities/platform-events.ts';
import { Stream } from './capabilities/stream.ts';
import { history, historyCost } from './capabilities/telemetry.history.ts';
import { PortReader } from './capabilities/telemetry.ts';
import { OchnoClient } from './client.ts';
import { Companies } from './companies.ts';
import { credentials, settings } from './config.ts';
import { classify } from './errors.ts';
import { Inventory } from './inventory.ts';
import { manifest } from './manifest.ts';
import { PortStates } from './port-states.ts';

type Config = ConnectionConfig<typeof settings, typeof credentials>;

function connect({ settings, credentials }: Config, kit: ConnectionKit): Adapter {
  const { clock } = kit;
  const open = { baseUrl: settings.baseUrl, classify };
  const login = new Login(kit.http(open), kit, credentials);
  const client = new OchnoClient(kit.http({ ...open, token: login }), kit);
  const inventory = new Inventory(client, clock, settings.companies);
  const companies = new Companies(kit, client);
  const limitations = new Limitations();
  const states = new PortStates();
  const presence = new Presence(settings.offlineAfter);
  const changes = new EntityChanges();
  const reader = new PortReader({ client, inventory, states, presence, limitations, clock, changes });
  const repair = { client, reader, limitations };
  const silence = { presence, companies, inventory, offlineAfterMs: settings.offlineAfter };

  return {
    probe: (signal) => probe({ inventory }, signal),
    devices: devicesCapability({ inventory, states, limitations }),
    polls: {
      reconcile: reader.reconcile,
      presence: presencePoll({ ...silence, devices: () => kit.devices(), now: () => clock.now() }),
    },
    telemetry: {
      history: (query, signal) => history({ client }, query, signal),
      historyCost: (query) => historyCost({ states }, query),
    },
    stream: new Stream({ kit, companies, inventory, states, presence, limitations, repair }),
    attributes: attributesCapability(client, inventory),
    commands: new Commands({ client, companies, inventory, states, clock }),
    entities: new Entities({ client, inventory }),
    limitations: () => limitations.list(),
    close: async () => {
      await companies.closeAll();
      await login.logOut();
    },
  };
}

export const adapter = defineAdapter({ manifest, settings, credentials, connect });
