import { AuthenticationError, type PlatformResource } from '@tributary/contracts';
import { type RequestHandlers, type RequestServer, serveRequests } from '@tributary/messaging';
import { Metrics, silentLogger } from '@tributary/runtime';
import { fakeEntities } from './fake-entities.ts';
import { type FakeFileServer, startFakeFileServer } from './fake-file-server.ts';
import { fakeUsers } from './fake-users.ts';

export const PLATFORM = 'acme';

export const acmePlatform: PlatformResource = {
  id: PLATFORM,
  displayName: 'Acme',
  capabilities: [
    'devices',
    'telemetry.poll',
    'telemetry.history',
    'telemetry.write',
    'attributes.read',
    'attributes.write',
    'commands',
    'files.list',
    'files.content',
    'files.upload',
    'entities.read',
    'entities.write',
    'entities.relations',
    'users',
    'graphql',
    'login',
  ],
  budgets: [],
  settingsSchema: {
    type: 'object',
    properties: { baseUrl: { type: 'string', format: 'uri' }, pageSize: { type: 'integer', default: 100 } },
    required: ['baseUrl'],
    additionalProperties: false,
  },
  credentialsSchema: {
    type: 'object',
    properties: { user: { type: 'string', minLength: 1 }, password: { type: 'string', minLength: 8 } },
    required: ['user', 'password'],
    additionalProperties: false,
  },
  updatedAt: '2026-01-01T00:00:00.000Z',
};

export interface FakePlatform {
  /** Replaceable: a test says how the adapter behaves. */
  handlers: RequestHandlers;
  /** What every question brought. */
  asked: { name: string; payload: unknown }[];
  fileServer: FakeFileServer;
  close(): Promise<void>;
}

/** An adapter that answers through the real broker, and serves bytes over HTTP. */
export async function startFakePlatform(options: { url: string; namespace: string }): Promise<FakePlatform> {
  const fileServer = await startFakeFileServer();
  const asked: FakePlatform['asked'] = [];
  const handlers = usualHandlers(fileServer);
  const replies = await serve(options, handlers, asked);
  return {
    handlers,
    asked,
    fileServer,
    close: async () => {
      await replies.close();
      await fileServer.close();
    },
  };
}

function usualHandlers(fileServer: { url: string }): RequestHandlers {
  return {
    ...fakeEntities(),
    ...fakeUsers(),
    'graphql.execute': async ({ query, variables }) => ({ data: { query, variables: variables ?? null } }),
    'login.begin': async ({ state }) => ({ url: `https://login.acme.example/?state=${state}`, sealed: 'carry' }),
    'login.finish': async () => {
      throw new AuthenticationError('the code is not good');
    },
    'connection.test': async () => ({ ok: true, checks: [{ name: 'log in', ok: true }] }),
    'connection.discover': async () => ({ started: true }),
    'connection.health': async ({ connectionId }) => ({
      connectionId,
      status: 'connected' as const,
      breakers: [],
      setAside: 0,
    }),
    'connection.budget': async () => ({ budgets: [] }),
    'attributes.read': async () => ({ attributes: [{ scope: 'client' as const, name: 'firmware', value: '1.2' }] }),
    'attributes.write': async ({ patch }) => ({
      attributes: Object.entries(patch).map(([name, value]) => ({ scope: 'shared' as const, name, value })),
    }),
    'telemetry.history-plan': async ({ gaps }) => ({
      parts: gaps.map(({ from, to }, gap) => ({ gap, from, to, calls: 2 })),
    }),
    'telemetry.write': async ({ points }) => ({ written: points.length }),
    'commands.describe': async () => ({
      commands: [
        {
          name: 'restart',
          description: 'Starts the device anew.',
          params: {
            type: 'object',
            properties: { delaySeconds: { type: 'integer', minimum: 0 } },
            additionalProperties: false,
          },
          idempotent: false,
          evidence: ['acknowledged' as const],
        },
      ],
    }),
    'files.list': async ({ nativeId }) => ({
      files: [{ deviceNativeId: nativeId, name: 'live.osf', location: 'device' as const }],
    }),
    'files.open': async () => ({ url: fileServer.url }),
    'files.receive': async ({ name }) => ({
      url: `${new URL('/upload', fileServer.url)}?${new URLSearchParams({ name })}`,
    }),
  };
}

/** The server asks for the handler anew each time, so that a test can change it. */
function serve(
  options: { url: string; namespace: string },
  handlers: RequestHandlers,
  asked: FakePlatform['asked'],
): Promise<RequestServer> {
  const names = Object.keys(handlers) as (keyof RequestHandlers)[];
  const relayed = Object.fromEntries(
    names.map((name) => [
      name,
      (payload: unknown, context: unknown) => {
        asked.push({ name, payload });
        return (handlers[name] as (payload: unknown, context: unknown) => Promise<unknown>)(payload, context);
      },
    ]),
  ) as RequestHandlers;
  return serveRequests({
    ...options,
    name: 'fake',
    platform: PLATFORM,
    handlers: relayed,
    log: silentLogger,
    metrics: new Metrics('fake'),
  });
}
