import {
  type Adapter,
  type ConnectionConfig,
  type ConnectionKit,
  defineAdapter,
  Limitations,
} from '@tributary/adapter-kit';
import { Login } from './auth.ts';
import { attributesCapability } from './capabilities/attributes.ts';
import { devicesCapability } from './capabilities/devices.ts';
import { EntityReading } from './capabilities/entities.ts';
import { EntityWatch } from './capabilities/entities.watch.ts';
import { uploadFile } from './capabilities/files.ts';
import { executeGraphql } from './capabilities/graphql.ts';
import { Backfill } from './capabilities/telemetry.backfill.ts';
import { Gaps } from './capabilities/telemetry.gaps.ts';
import { history, historyCost } from './capabilities/telemetry.history.ts';
import { Repair } from './capabilities/telemetry.repair.ts';
import { Tail } from './capabilities/telemetry.ts';
import { OctomeshClient } from './client.ts';
import { credentials, settings } from './config.ts';
import { DeviceTypes } from './device-types.ts';
import { classify } from './errors.ts';
import { UserLogin } from './login.ts';
import { manifest } from './manifest.ts';
import { passRefusals } from './oauth-transport.ts';
import { probe } from './probe.ts';
import { SchemaCache } from './schema/schema-cache.ts';
import { StreamCatalogue } from './stream-catalogue.ts';

type Config = ConnectionConfig<typeof settings, typeof credentials>;

function connect({ settings, credentials }: Config, kit: ConnectionKit): Adapter {
  const identity = kit.http({ baseUrl: settings.identityUrl, classify: passRefusals });
  const parties = { http: identity, clock: kit.clock, settings, credentials };
  const token = new Login(parties);
  const open = (baseUrl: string) => kit.http({ baseUrl, token, classify: (answer) => classify(answer) });
  const assets = open(settings.assetUrl);
  const rest =
    settings.restUrl === undefined || settings.restUrl === settings.assetUrl ? assets : open(settings.restUrl);
  const client = new OctomeshClient({ assets, rest }, kit, settings.tenantId);
  const limitations = new Limitations();
  const types = new DeviceTypes();
  const schema = new SchemaCache({ client, kit, limitations, configured: configuredTypes(settings) });
  const catalogue = new StreamCatalogue({ client, kit, schema, configured: settings.deviceTypes, limitations });
  const reader = { client, kit };
  const entities = new EntityReading({ client, kit, schema });
  const { pageSize } = settings.telemetry;
  const rows = {
    client,
    kit,
    pageSize,
    onTrouble: catalogue.trouble.bind(catalogue),
    onWell: catalogue.well.bind(catalogue),
  };
  const telemetry = { kit, settings: settings.telemetry, catalogue, reader: rows, gaps: new Gaps() };
  const watch = { ...settings.entities, pageSize: settings.pageSize };

  return {
    probe: (signal) => probe({ client, limitations }, signal),
    devices: devicesCapability({ kit, reader, schema, catalogue, types, settings }),
    polls: {
      telemetry: new Tail(telemetry),
      repair: new Repair(telemetry),
      backfill: new Backfill(telemetry),
      entities: new EntityWatch({ kit, reader, schema, catalogue, limitations, settings: watch }),
    },
    telemetry: {
      history: (query, signal) => history(telemetry, query, signal),
      historyCost: (query) => historyCost(telemetry, query),
    },
    attributes: attributesCapability({
      reader,
      schema,
      catalogue,
      types,
      read: (model, id, call) => entities.read(model, id, call),
    }),
    entities,
    files: { upload: (file, signal) => uploadFile(client, file, signal) },
    graphql: { execute: (document, signal) => executeGraphql(client, document, signal) },
    login: new UserLogin(parties),
    limitations: () => limitations.list(),
  };
}

const configuredTypes = ({ deviceTypes = [], entities }: Config['settings']): string[] => [
  ...deviceTypes.flatMap(({ type, stream }) => (stream === undefined ? [type] : [type, stream])),
  ...(entities.types ?? []),
];

/** Limits are counted by client, whoever of its users and whichever connection asks. */
const budgetKey = ({ settings, credentials }: Config): string => `${settings.identityUrl}\n${credentials.clientId}`;

export const adapter = defineAdapter({ manifest, settings, credentials, connect, budgetKey });
