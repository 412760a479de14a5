import {
  type Adapter,
  type ConnectionConfig,
  type ConnectionKit,
  defineAdapter,
  Limitations,
  PermittedPoll,
  type Poll,
} from '@tributary/adapter-kit';
import { Login } from './auth.ts';
import { devicesCapability } from './capabilities/devices.ts';
import { DocumentEntities } from './capabilities/entities.ts';
import { MeshTypes } from './capabilities/entities.types.ts';
import { MeshWatch } from './capabilities/entities.watch.ts';
import { history, historyCost } from './capabilities/telemetry.history.ts';
import { misfitItems } from './capabilities/telemetry.items.ts';
import { DocumentPoll } from './capabilities/telemetry.ts';
import { usersCapability } from './capabilities/users.ts';
import { MeshydbClient } from './client.ts';
import { credentials, settings } from './config.ts';
import { classify, classifyLogin } from './errors.ts';
import { manifest } from './manifest.ts';
import { MeshCover } from './mesh-cover.ts';
import { probe } from './probe.ts';
import { MeshReader } from './reader.ts';
import { WriteLimits } from './write-limits.ts';

type Config = ConnectionConfig<typeof settings, typeof credentials>;

function connect({ settings, credentials }: Config, kit: ConnectionKit): Adapter {
  // Quirk: the tenant is a header, of both hosts alike; without it the default tenant is meant (client libraries).
  const headers = settings.tenant === undefined ? {} : { tenant: settings.tenant };
  const limitations = new Limitations();
  const token = new Login({
    http: kit.http({ baseUrl: settings.authUrl, headers, classify: classifyLogin }),
    clock: kit.clock,
    settings,
    credentials,
    register: (username, signal) => register(client, username, signal),
  });
  const http = kit.http({ baseUrl: settings.apiUrl, headers, token, classify });
  const client = new MeshydbClient(http, kit, settings, new WriteLimits(limitations));
  const reader = new MeshReader(client);
  const types = new MeshTypes(client, settings, limitations);
  const { pageSize, documents } = settings;
  const measured =
    documents.length === 0
      ? {}
      : {
          devices: devicesCapability({ reader, settings }),
          telemetry: {
            history: (query: Parameters<typeof history>[1], signal: AbortSignal) =>
              history({ reader, mappings: documents, pageSize }, query, signal),
            historyCost: (query: Parameters<typeof historyCost>[1]) =>
              historyCost({ mappings: documents, pageSize }, query),
          },
        };
  return {
    probe: (signal) => probe({ client, settings, limitations }, signal),
    ...measured,
    polls: pollsOf({ settings, kit, reader, limitations }),
    items: misfitItems(documents),
    entities: new DocumentEntities({ client, reader, types, hubIdField: settings.hubIdField }),
    users: usersCapability(client),
    limitations: () => limitations.list(),
  };
}

interface PollParts {
  settings: Config['settings'];
  kit: ConnectionKit;
  reader: MeshReader;
  limitations: Limitations;
}

/** One poll a mesh, each with its own checkpoint. */
function pollsOf({ settings, ...parts }: PollParts): Record<string, Poll> {
  const { documents, meshes, telemetry, entities, pageSize } = settings;
  const { limitations } = parts;
  // A mesh that the user may not read is asked for again each turn; the others go on.
  const permitted = (poll: Poll, mesh: string) =>
    new PermittedPoll(poll, { limitations, what: `${mesh} right`, text: `the user may not read the mesh "${mesh}"` });
  const watched = meshes.filter(({ watch }) => watch);
  const cover = new MeshCover(documents.map(({ mesh }) => mesh));
  return Object.fromEntries<Poll>([
    ...documents.map((mapping): [string, Poll] => {
      const poll = new DocumentPoll({ ...parts, cover, mapping, settings: { ...telemetry, pageSize } });
      return [`documents.${mapping.mesh}`, permitted(poll, mapping.mesh)];
    }),
    ...watched.map((mesh): [string, Poll] => {
      const poll = new MeshWatch({ ...parts, mesh, settings: { ...entities, pageSize } });
      return [`entities.${mesh.name}`, permitted(poll, mesh.name)];
    }),
  ]);
}

async function register(client: MeshydbClient, username: string, signal: AbortSignal): Promise<boolean> {
  const call = { lane: 'interactive', signal } as const;
  if (await client.exists(username, call)) return false;
  await client.registerAnonymous(username, call);
  return true;
}

/** Limits are counted by account, whoever of its users asks. */
const budgetKey = ({ settings }: Config): string => `${settings.apiUrl}\n${settings.accountName}`;

export const adapter = defineAdapter({ manifest, settings, credentials, connect, budgetKey });
